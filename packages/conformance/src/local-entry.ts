import type { Clock, Eviction, LocalEntry, LocalStore } from '@shelflife/core'

/** What a local store is made with in a test. */
export interface LocalStoreBounds {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly clock: Clock
}

/** A store with what it evicted so far. */
export interface LocalStoreInTest {
  readonly store: LocalStore
  readonly evicted: readonly Eviction[]
}

/** An entry whose tags say how large it is, so that bounds in bytes do not depend on an estimate. */
export const localEntry = (value: unknown, tagBytes = 10, keepUntil: number = Infinity): LocalEntry => ({
  value,
  keepUntil,
  tagBytes,
})
