import type { Clock } from '@shelflife/core'

/** How large the largest value was of late. Small ones that are read meanwhile say nothing of those that may come. */
export interface LargestOfLate {
  /** @param bytes of a value */
  note(bytes: number): void
  /** Bytes; 0 where nothing is known. */
  bytes(): number
}

/** How long it is known at least, and at most twice as long, in milliseconds. */
const LATELY = 30_000

/** @example const largest = largestOfLate(systemClock) */
export function largestOfLate(clock: Pick<Clock, 'now'>): LargestOfLate {
  let [largest, before, turnedAt] = [0, 0, -Infinity]
  return {
    note(bytes) {
      const now = clock.now()
      if (now - turnedAt >= LATELY) [largest, before, turnedAt] = [0, largest, now]
      largest = Math.max(largest, bytes)
    },
    bytes: () => Math.max(largest, before),
  }
}
