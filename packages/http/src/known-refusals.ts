import type { Clock } from '@shelflife/core'

import type { WhyNot } from './why-not.ts'

/** Remembers which keys were not stored of late, so that nobody waits for a load whose result cannot be shared. */
export interface KnownRefusals {
  /**
   * Why a request is to run its own handler beside the others. Of those for one key one at a time is not: it tries
   * whether its response can be stored, so that what one client is refused for is not held against the others.
   */
  heldFor(key: string): WhyNot | undefined
  /** Whether there is no key to ask for: making one costs more than the answer. */
  isEmpty(): boolean
  /** A request that was not held is through. Where it came to nothing, by another's load or by its own, the next one tries. */
  tried(key: string): void
  add(key: string, why: WhyNot): void
  delete(key: string): void
}

const MOST = 10_000
const LASTS = 30_000
/** A try that takes longer does not keep the next one from trying, and the longest pause between two, in milliseconds. */
const LONGEST_PAUSE = 1000

interface Refused {
  readonly why: WhyNot
  readonly until: number
  /** In a row. */
  readonly times: number
  heldUntil: number
  isTried: boolean
}

/** Each for 30 s, the last 10,000. */
export function createKnownRefusals({ now }: Pick<Clock, 'now'>): KnownRefusals {
  const known = new Map<string, Refused>()
  return {
    heldFor(key) {
      const refused = known.get(key)
      if (refused === undefined) return undefined
      const at = now()
      if (at >= refused.until) {
        known.delete(key)
        return undefined
      }
      if (at < refused.heldUntil) return refused.why
      refused.heldUntil = at + LONGEST_PAUSE
      refused.isTried = true
      return undefined
    },
    isEmpty: () => known.size === 0,
    tried(key) {
      const refused = known.get(key)
      // what was refused meanwhile pauses
      if (refused?.isTried !== true) return
      refused.heldUntil = 0
      refused.isTried = false
    },
    add(key, why) {
      const times = (known.get(key)?.times ?? 0) + 1
      const at = now()
      known.delete(key)
      // what is refused each time is tried seldom: a try costs a look into the store
      const heldUntil = at + Math.min(2 ** times, LONGEST_PAUSE)
      known.set(key, { why, until: at + LASTS, times, heldUntil, isTried: false })
      if (known.size > MOST) known.delete(known.keys().next().value as string)
    },
    delete: (key) => void known.delete(key),
  }
}
