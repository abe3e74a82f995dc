import type { RemoteStore } from '@shelflife/core'

import { LONG } from './store-suite.ts'

/** The two parts of a tag id. */
export const partsOf = (id: string | undefined): readonly [string, string] => {
  const dot = String(id).indexOf('.')
  return [String(id).slice(0, dot), String(id).slice(dot + 1)]
}

export const capture = async (store: RemoteStore, tag: string, since?: string): Promise<string | undefined> => {
  const { ids } = await store.capture({ tags: [tag], keep: LONG, ...(since !== undefined && { since }) })
  return ids[0]
}

export const markNow = async (store: RemoteStore): Promise<string> =>
  (await store.capture({ tags: [], keep: LONG })).mark
