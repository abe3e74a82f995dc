import type { Clock } from './clock.ts'

/**
 * Keeps the process alive until `work` is settled, for a caller who waits for it: what ends the work may be no more than a
 * timer, and those of guards, leases and deadlines run for work that nobody waits for as well.
 */
export type KeepAlive = <T>(work: Promise<T>) => Promise<T>

/** Longer than anybody waits. */
const LONGEST = 2 ** 31 - 1

/** One timer in all, while there is somebody who waits. */
export function createKeepAlive(clock: Clock): KeepAlive {
  let waiting = 0
  let cancel = (): void => {}

  function end(): void {
    if (--waiting === 0) cancel()
  }

  return (work) => {
    if (waiting++ === 0) cancel = clock.after(LONGEST, () => {}, { keepsAlive: true })
    // before the caller: who has waited finds no timer left
    work.then(end, end)
    return work
  }
}
