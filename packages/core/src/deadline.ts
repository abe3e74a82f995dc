import type { Clock } from './clock.ts'

/**
 * `work`, or the error that `late` makes when it takes longer than `ms`. The work itself cannot be stopped: what it
 * does later is ignored, and its rejection is handled.
 */
export function withDeadline<T>(work: Promise<T>, ms: number, clock: Clock, late: () => Error): Promise<T> {
  if (ms === Infinity) return work
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()))
    work.then(resolve, reject).finally(cancel)
  })
}
