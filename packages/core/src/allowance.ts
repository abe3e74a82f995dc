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

/** A class, because each read has one: closures of its own would take twice the memory. */
class CallAllowance implements Allowance {
  left: number
  readonly #ms: number
  readonly #clock: Clock
  readonly #pulse: Pulse
  #spentUntil = -Infinity

  constructor(clock: Clock, pulse: Pulse, ms: number) {
    this.left = this.#ms = ms
    this.#clock = clock
    this.#pulse = pulse
  }

  wait<T>(work: Promise<T | undefined>, most = Infinity): Promise<T | undefined> {
    const { left } = this
    if (left <= 0) return Promise.resolve(undefined)
    if (left >= most) return work
    return new Promise<T | undefined>((resolve) => {
      const wait = this.#pulse.wait({ alone: left, inCrowd: this.#ms }, () => {
        this.left = 0
        resolve(undefined)
      })
      void work.then((answer) => {
        this.#pulse.end(wait)
        resolve(answer)
      })
    })
  }

  spend(since: number, waited: number): void {
    const now = this.#clock.now()
    this.left -= Math.min(waited, now - Math.max(since, this.#spentUntil))
    this.#spentUntil = now
  }
}

export const createAllowance = (clock: Clock, pulse: Pulse, ms: number): Allowance =>
  new CallAllowance(clock, pulse, ms)
