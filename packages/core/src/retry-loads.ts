import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Duration } from './duration.ts'
import { toMilliseconds } from './duration.ts'
import { checkNames, refuseOption } from './errors.ts'
import type { LoadGuard } from './load-guard.ts'

/** Options of `retryLoads`. */
export interface LoadRetries {
  /** The most runs of the loader for one load, the first one included. A whole number from 1. */
  readonly attempts: number
  /** The pause after the first run; doubles with each run, less up to a half at random. Default 100ms. */
  readonly delay?: Duration
  /** Whether an error is transient, so that the same load may well succeed in a moment. One that throws says no. */
  readonly when: (error: unknown) => boolean
  /** For tests. */
  readonly clock?: Clock
}

const OPTIONS = new Set(['attempts', 'delay', 'when', 'clock'])

/** Ends early when the signal is aborted. */
function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    function end(): void {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end)
  })
}

/**
 * A guard that runs a loader again when it fails with an error that is declared transient. `hardTimeout` bounds all
 * runs and pauses together. When none succeeds, the last error is thrown, untouched, and only that one is reported.
 *
 * Beside `limitLoads()` the order decides: `[retryLoads(…), limitLoads(…)]` gives the place back during a pause and
 * waits for one again, the other way round it is kept.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const getUser = cache.cached(loadUser, {
 *   name: 'user',
 *   guard: retryLoads({ attempts: 3, when: (error) => error instanceof HttpError && error.status === 503 }),
 * })
 */
export function retryLoads(retries: LoadRetries): LoadGuard {
  checkNames('options of retryLoads()', retries, OPTIONS)
  const { attempts, delay = 100, when, clock = systemClock } = retries
  if (!Number.isSafeInteger(attempts) || attempts < 1) refuseOption('attempts', 'a whole number from 1', attempts)
  if (typeof when !== 'function') refuseOption('when', 'a function', when)
  const first = toMilliseconds(delay, 'delay')

  function isTransient(error: unknown): boolean {
    try {
      return when(error)
    } catch {
      // the loader's error tells more than this one
      return false
    }
  }

  return async (run, load) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        if (attempt >= attempts || load.signal.aborted || !isTransient(error)) throw error
        await pause(first * 2 ** (attempt - 1) * (1 - Math.random() / 2), load.signal, clock)
        if (load.signal.aborted) throw error
      }
    }
  }
}
