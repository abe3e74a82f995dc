import type { Clock } from './clock.ts'

/**
 * Keeps the process alive for a caller who waits: what ends the work may be no more than a
 * timer, and those of guards, leases and deadlines run for work that nobody waits for as well.
 */
export interface KeepAlive {
  /** Until `work` is settled. */
  during<T>(work: Promise<T>): Promise<T>
  /** From now until `end`, which has to come. */
  begin(): void
  end(): void
}

/** Longer than anybody waits. */
const LONGEST = 2 ** 31 - 1

/** One timer in all, while there is somebody who waits. */
export function createKeepAlive(clock: Clock): KeepAlive {
  let waiting = 0
  let cancel = (): void => {}

  function end(): void {
    if (--waiting === 0) cancel()
  }

  function begin(): void {
    if (waiting++ === 0) cancel = clock.after(LONGEST, () => {}, { keepsAlive: true })
  }

  return {
    during(work) {
      begin()
      // before the caller: who has waited finds no timer left
      work.then(end, end)
      return work
    },
    begin,
    end,
  }
}
