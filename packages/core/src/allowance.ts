import type { Clock } from './clock.ts'
import type { Pulse } from './pulse.ts'

/**
 * What one call may still wait for a remote store, whatever it asks there one after the other. Time that the loader
 * takes, or another process that has the lease, is not the store's; nor is time in which this process asks for much.
 */
export interface Allowance {
  /** Milliseconds. */
  left: number
  /**
   * What `work` comes to, or `undefined` once nothing is left; the work itself goes on. It must not reject, as commands
   * never do. `most`: the milliseconds after which it ends by itself.
   */
  wait<T>(work: Promise<T | undefined>, most?: number): Promise<T | undefined>
  /** Takes off what was waited since then, but for what was taken off for something else that was under way. */
  spend(since: number, waited: number): void
}

export function createAllowance(clock: Clock, pulse: Pulse, ms: number): Allowance {
  let spentUntil = -Infinity
  const allowance: Allowance = {
    left: ms,
    wait<T>(work: Promise<T | undefined>, most = Infinity) {
      const { left } = allowance
      if (left <= 0) return Promise.resolve(undefined)
      if (left >= most) return work
      return new Promise<T | undefined>((resolve) => {
        const wait = pulse.wait({ alone: left, inCrowd: ms }, () => {
          allowance.left = 0
          resolve(undefined)
        })
        void work.then((answer) => {
          wait.end()
          resolve(answer)
        })
      })
    },
    spend(since, waited) {
      const now = clock.now()
      allowance.left -= Math.min(waited, now - Math.max(since, spentUntil))
      spentUntil = now
    },
  }
  return allowance
}
