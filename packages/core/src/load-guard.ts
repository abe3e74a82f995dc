/** What a guard is told of a load. */
export interface GuardedLoad {
  readonly key: string
  /**
   * Aborted when the load runs into `hardTimeout`: from then on its caller has an error, and whatever the guard does
   * for it is for nothing. Made when it is asked for.
   */
  readonly signal: AbortSignal
}

/**
 * Stands around every run of a loader and decides when, whether and how often it runs: `limitLoads()` and
 * `retryLoads()` of `@shelflife/core/loads`, or a function of one's own. What it resolves or rejects with is the
 * outcome of the load, so an error must be passed on as it is. It has to end once the signal is aborted, and `run`
 * must not be called after that.
 *
 * Waiting counts as part of the load: `softTimeout`, `hardTimeout` and the measured load times include it. What a loader
 * says to its context counts for the value of its last run.
 *
 * @example
 * const timed: LoadGuard = async (run, { key }) => {
 *   const end = histogram.startTimer({ key })
 *   try {
 *     return await run()
 *   } finally {
 *     end()
 *   }
 * }
 */
export type LoadGuard = <T>(run: () => Promise<T>, load: GuardedLoad) => Promise<T>
