import { setTimeout as sleep } from 'node:timers/promises'

import type { LoaderMode } from './report.ts'
import { HARD_TIMEOUT, LOAD } from './report.ts'

export interface Value {
  readonly version: number
  readonly bulk?: Uint8Array
}

const HUGE = 100_000_000

/** A loader that can be made to misbehave. */
export interface Loader {
  mode: LoaderMode
  load(key: string): Promise<Value | undefined>
}

export function createLoader(version: (key: string) => number): Loader {
  let bulk: Uint8Array | undefined
  const loader: Loader = {
    mode: 'works',
    async load(key) {
      const value = { version: version(key) }
      const { mode } = loader
      await sleep(mode === 'late' ? 1.5 * HARD_TIMEOUT : LOAD)
      if (mode === 'throws') throw new Error('the source is down')
      if (mode === 'non-error') throw 'the source is down'
      if (mode === 'hangs') return new Promise(() => {})
      if (mode === 'undefined') return undefined
      if (mode === 'huge' && key.endsWith('0')) return { ...value, bulk: (bulk ??= new Uint8Array(HUGE)) }
      return value
    },
  }
  return loader
}
