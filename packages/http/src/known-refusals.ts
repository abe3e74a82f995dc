import type { Clock } from '@shelflife/core'

/** Remembers which keys were not stored of late, so that nobody waits for a load whose result cannot be shared. */
export interface KnownRefusals {
  has(key: string): boolean
  /** Whether there is no key to ask for: making one costs more than the answer. */
  isEmpty(): boolean
  add(key: string): void
  delete(key: string): void
}

const MOST = 10_000
const LASTS = 30_000

/** Each for 30 s, the last 10,000. */
export function createKnownRefusals({ now }: Pick<Clock, 'now'>): KnownRefusals {
  const until = new Map<string, number>()
  return {
    has(key) {
      const end = until.get(key)
      if (end === undefined) return false
      if (now() < end) return true
      until.delete(key)
      return false
    },
    isEmpty: () => until.size === 0,
    add(key) {
      until.delete(key)
      until.set(key, now() + LASTS)
      if (until.size > MOST) until.delete(until.keys().next().value as string)
    },
    delete: (key) => void until.delete(key),
  }
}
