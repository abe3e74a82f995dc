import type { Clock } from './clock.ts'

/** `work`; when it takes longer than `ms`, `act` may settle the promise in its place. */
export function whenLate<T>(
  work: Promise<T>,
  ms: number,
  clock: Clock,
  act: (resolve: (value: T) => void, reject: (error: Error) => void) => unknown,
): Promise<T> {
  if (ms === Infinity) return work
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => act(resolve, reject))
    // in this order: whoever waits for the work finds no timer left
    work.then(
      (value) => {
        cancel()
        resolve(value)
      },
      (error: unknown) => {
        cancel()
        reject(error as Error)
      },
    )
  })
}

/**
 * `work`, or the error that `late` makes when it takes longer than `ms`. The work itself cannot be stopped: what it
 * does later is ignored, and its rejection is handled.
 */
export const withDeadline = <T>(work: Promise<T>, ms: number, clock: Clock, late: () => Error): Promise<T> =>
  whenLate(work, ms, clock, (_, reject) => reject(late()))
