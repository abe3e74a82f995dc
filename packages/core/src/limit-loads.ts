import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Duration } from './duration.ts'
import { toMilliseconds } from './duration.ts'
import { checkNames, refuseOption, ShelflifeError } from './errors.ts'
import type { GuardedLoad, LoadGuard } from './load-guard.ts'

/** Options of `limitLoads`. */
export interface LoadLimit {
  /** The most loads that run at once. A whole number from 1. */
  readonly concurrency: number
  /**
   * The most loads that wait for their turn, a whole number from 0 for none; one more is refused. Default 1000: some
   * megabytes, and with 10 loads of 100 ms at once the last of them waits for 10 s, longer than most callers do.
   */
  readonly queue?: number
  /** The longest that a load waits for its turn before it is refused. Default: until its `hardTimeout`. */
  readonly wait?: Duration
  /** For tests. Only `wait` needs it. */
  readonly clock?: Clock
}

const OPTIONS = new Set(['concurrency', 'queue', 'wait', 'clock'])

function countOf(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  return refuseOption(option, `a whole number from ${least}`, value)
}

/**
 * A guard that lets only so many loads run at once. Those above wait in order; those that find the queue full, or wait
 * for too long, fail with a ShelflifeError `overloaded`, and their callers are served an old value inside
 * `staleIfError` where there is one.
 *
 * One guard is one limit: given to a cache it limits all its loads, given to one function only that one, given to
 * several functions or caches all of them together. A load under two limits waits for that of its name first, so that
 * it takes no place of the cache meanwhile.
 *
 * A load that runs into `hardTimeout` while it waits never runs, and one that does while it runs makes room for the
 * next one: loaders that go on in spite of their signal can then be more than `concurrency`. A loader that waits for
 * another load under the same limit holds its place meanwhile; give what is called inside a limit of its own.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const cache = createCache({ namespace: 'shop', store: memoryStore(), guard: limitLoads({ concurrency: 50 }) })
 * const getReport = cache.cached(loadReport, { name: 'report', guard: limitLoads({ concurrency: 2, queue: 20 }) })
 */
export function limitLoads(limit: LoadLimit): LoadGuard {
  checkNames('options of limitLoads()', limit, OPTIONS)
  const { clock = systemClock } = limit
  const concurrency = countOf('concurrency', limit.concurrency, 1)
  const queue = countOf('queue', limit.queue ?? 1000, 0)
  const longest = limit.wait === undefined ? Infinity : toMilliseconds(limit.wait, 'wait')
  let running = 0
  /** What starts each of those that wait, in order. */
  const waiting = new Set<() => void>()

  function overloaded(key: string, why: string): ShelflifeError {
    const state = `${running} loads run and ${waiting.size} wait (concurrency ${concurrency}, queue ${queue})`
    const advice = 'load less, raise the limit, or let old values be served with `staleIfError`'
    return new ShelflifeError('overloaded', `${key} was not loaded because ${why}: ${state}; ${advice}`)
  }

  /** Takes a place, and leaves it to the next one as soon as the load has ended or is out of time. */
  function occupy<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let isHeld = true
    running++
    function leave(): void {
      if (!isHeld) return
      isHeld = false
      signal.removeEventListener('abort', leave)
      running--
      // at once, so that nobody who comes later is quicker
      const [next] = waiting
      next?.()
    }
    signal.addEventListener('abort', leave)
    return run().finally(leave)
  }

  function wait<T>(run: () => Promise<T>, { key, signal }: GuardedLoad): Promise<T> {
    return new Promise((resolve, reject) => {
      function end(): void {
        waiting.delete(start)
        cancel()
        signal.removeEventListener('abort', abandon)
      }
      function start(): void {
        end()
        resolve(occupy(run, signal))
      }
      function abandon(): void {
        end()
        reject(signal.reason as Error)
      }
      function giveUp(): void {
        const error = overloaded(key, `it has waited for ${longest} ms`)
        end()
        reject(error)
      }
      const cancel = longest === Infinity ? () => {} : clock.after(longest, giveUp)
      signal.addEventListener('abort', abandon)
      waiting.add(start)
    })
  }

  return async (run, load) => {
    const { key, signal } = load
    signal.throwIfAborted()
    if (running < concurrency) return occupy(run, signal)
    if (waiting.size >= queue) throw overloaded(key, 'no more may wait')
    return wait(run, load)
  }
}
