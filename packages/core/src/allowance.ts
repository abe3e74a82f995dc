import type { Clock } from './clock.ts'
import { whenLate } from './deadline.ts'

/**
 * What one call may still wait for a remote store, whatever it asks there one after the other. Time that the loader
 * takes, or another process that has the lease, is not the store's.
 */
export interface Allowance {
  /** Milliseconds. */
  left: number
  /**
   * What `work` comes to, or `undefined` once nothing is left; the work itself goes on. It must not reject, as commands
   * never do. `most`: the milliseconds after which it ends by itself.
   */
  wait<T>(work: Promise<T>, most?: number): Promise<T | undefined>
}

export function createAllowance(clock: Clock, ms: number): Allowance {
  // an event loop that was blocked runs timers before it reads what has long been there
  const giveUp = (resolve: (nothing: undefined) => void): void => void clock.after(0, () => resolve(undefined))
  const allowance: Allowance = {
    left: ms,
    async wait<T>(work: Promise<T>, most = Infinity) {
      const { left } = allowance
      if (left <= 0) return undefined
      const from = clock.now()
      // no timer for what ends soon enough by itself
      const answer = await (left < most ? whenLate<T | undefined>(work, left, clock, giveUp) : work)
      allowance.left -= Math.min(clock.now() - from, most)
      return answer
    },
  }
  return allowance
}
