import type { Clock } from '@shelflife/core'

/** Remembers which keys were not stored of late, so that nobody waits for a load whose result cannot be shared. */
export interface KnownRefusals {
  /**
   * Whether a request is to run its own handler beside the others. Of those for one key one at a time is not: it tries
   * whether its response can be stored, so that what one client is refused for is not held against the others.
   */
  holds(key: string): boolean
  /** Whether there is no key to ask for: making one costs more than the answer. */
  isEmpty(): boolean
  add(key: string): void
  delete(key: string): void
}

const MOST = 10_000
const LASTS = 30_000
/** A try that nothing was heard of is over, and the longest pause between two, in milliseconds. */
const LONGEST_PAUSE = 1000

interface Refused {
  readonly until: number
  /** In a row. */
  readonly times: number
  heldUntil: number
}

/** Each for 30 s, the last 10,000. */
export function createKnownRefusals({ now }: Pick<Clock, 'now'>): KnownRefusals {
  const known = new Map<string, Refused>()
  return {
    holds(key) {
      const refused = known.get(key)
      if (refused === undefined) return false
      const at = now()
      if (at >= refused.until) {
        known.delete(key)
        return false
      }
      if (at < refused.heldUntil) return true
      refused.heldUntil = at + LONGEST_PAUSE
      return false
    },
    isEmpty: () => known.size === 0,
    add(key) {
      const times = (known.get(key)?.times ?? 0) + 1
      const at = now()
      known.delete(key)
      // what is refused each time is tried seldom: a try costs a look into the store
      known.set(key, { until: at + LASTS, times, heldUntil: at + Math.min(2 ** times, LONGEST_PAUSE) })
      if (known.size > MOST) known.delete(known.keys().next().value as string)
    },
    delete: (key) => void known.delete(key),
  }
}
