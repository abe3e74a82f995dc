import type { CommitRequest, Opened, OpenRequest, RemoteStore } from '@shelflife/core'
import { expect } from 'vitest'

import { LONG } from './store-suite.ts'

const encoder = new TextEncoder()

export const bytes = (text: string): Uint8Array => encoder.encode(text)
export const newOwner = (): string => crypto.randomUUID()

/** Asks for the fence alone, unless told otherwise. */
export function ask(store: RemoteStore, request: Pick<OpenRequest, 'key'> & Partial<OpenRequest>): Promise<Opened> {
  return store.open({ owner: newOwner(), lease: 0, mode: 'load', ...request })
}

/** What a load needs to commit. Fails the test when the store does not give it. */
export interface Grant {
  readonly key: string
  readonly owner: string
  readonly fence: string
}

/** Asks as `ask` does and expects to be told to load. */
export async function begin(
  store: RemoteStore,
  request: Pick<OpenRequest, 'key'> & Partial<OpenRequest>,
): Promise<Grant> {
  const owner = request.owner ?? newOwner()
  const opened = await ask(store, { ...request, owner })
  expect(opened.state).toBe('granted')
  return { key: request.key, owner, fence: 'fence' in opened ? opened.fence : '' }
}

/** Commits a value that is new and lasts, unless told otherwise. */
export function commit(store: RemoteStore, grant: Grant, request: Partial<CommitRequest> = {}): Promise<boolean> {
  return store.commit({ ...grant, envelope: bytes('new'), age: 0, ttl: LONG, keep: 2 * LONG, ...request })
}

/** Puts a record under a key, whatever is there. */
export async function fill(store: RemoteStore, key: string, request: Partial<CommitRequest> = {}): Promise<void> {
  const grant = await begin(store, { key, mode: 'early' })
  expect(await commit(store, grant, { envelope: bytes('old'), ...request })).toBe(true)
}

/** The bytes under a key as text. */
export async function textOf(store: RemoteStore, key: string): Promise<string | undefined> {
  const { record } = await store.read(key, [])
  return record && new TextDecoder('utf-8', { ignoreBOM: true }).decode(record.envelope)
}
