import type { Cache, CacheEvents, Clock } from '@shelflife/core'
import { systemClock } from '@shelflife/core'
import { checkNames, optionNames } from '@shelflife/core/integration'

import { checkFunction } from './check-function.ts'
import type { Purge } from './purge-request.ts'

/** Options of `purgeOnInvalidation`. */
export interface PurgeOnInvalidationOptions {
  /** `cloudflarePurge()`, `fastlyPurge()`, or anything that purges full names such as `shop#catalog/tv` and `shop`. */
  readonly purge: Purge
  /** Hears of every purge that failed. The names are tried again until `stop`; what throws here is ignored. */
  readonly onError: (failure: { readonly error: unknown; readonly names: readonly string[] }) => void
  /** For tests. */
  readonly clock?: Clock
}

const OPTIONS = optionNames<PurgeOnInvalidationOptions>({ purge: true, onError: true, clock: true })

/** Names that wait. Past that whole namespaces are purged instead, so that memory is bounded and nothing is forgotten. */
const MOST = 1000
const AFTER_FAILURE = 30_000
const WHILE_UNTOLD = 1000

/** The set itself with more names, or what stands for them all. */
function withNames(set: Set<string>, names: Iterable<string>): Set<string> {
  for (const name of names) set.add(name)
  if (set.size <= MOST) return set
  const namespaces = new Set(Array.from(set, (name) => name.split('#', 1).join()))
  if (namespaces.size <= MOST) return namespaces
  // all namespaces of a cache begin alike
  return new Set(Array.from(namespaces, (namespace) => namespace.split('/', 1).join()))
}

/**
 * Purges from a CDN what is invalidated or expired by tag, `clear` included: always after our own invalidation, once
 * per invalidation wherever it was asked for, in order, and what comes while a purge runs together in the next one.
 * Once for what `createCache` returns; all its namespaces are covered. Invalidations of keys are not purged.
 *
 * While the remote store cannot be told, other processes may go on to hand the old response to the CDN; so such names
 * are purged at once, and again when the store has been told. A response that was made before an invalidation and
 * reaches the CDN after the purge stays there for its lifetime: no CDN offers a fence against it.
 *
 * @throws ShelflifeError `invalid-option`
 * @returns what stops it: waits for what is running, tries once more what waits, and reports what is left
 * @example
 * const stop = purgeOnInvalidation(cache, {
 *   purge: cloudflarePurge({ zone, token }),
 *   onError: ({ error, names }) => logger.error({ error, names }, 'purge failed'),
 * })
 */
export function purgeOnInvalidation(
  cache: Pick<Cache, 'on' | 'health'>,
  options: PurgeOnInvalidationOptions,
): () => Promise<void> {
  checkNames('options of purgeOnInvalidation()', options, OPTIONS)
  const { purge, onError, clock = systemClock } = options
  for (const [option, value] of Object.entries({ purge, onError })) checkFunction(option, value)
  let waiting = new Set<string>()
  /** Purged once, while the remote store could not be told. */
  let untold = new Set<string>()
  let running: Promise<void> | undefined
  let cancelRetry: (() => void) | undefined
  let cancelLook: (() => void) | undefined
  const hurry = new AbortController()

  function report(error: unknown, names: readonly string[]): void {
    try {
      onError({ error, names })
    } catch {
      // nobody is left to tell
    }
  }

  async function drain(): Promise<void> {
    // what the same turn invalidates goes into one purge
    await Promise.resolve()
    while (waiting.size > 0 && cancelRetry === undefined) {
      const names = [...waiting]
      waiting = new Set()
      try {
        await purge(names, hurry.signal)
      } catch (error) {
        report(error, names)
        if (hurry.signal.aborted) continue
        waiting = withNames(new Set(names), waiting)
        cancelRetry = clock.after(AFTER_FAILURE, resume)
      }
    }
    running = undefined
  }

  /** While a failed purge waits for its next try, everything else waits with it. */
  function start(): void {
    if (cancelRetry === undefined) running ??= drain()
  }

  function resume(): void {
    cancelRetry?.()
    cancelRetry = undefined
    start()
  }

  function look(): void {
    cancelLook = undefined
    const { ok, stores } = cache.health()
    if (ok && stores.some(({ owed = 0 }) => owed > 0)) return lookLater()
    waiting = withNames(waiting, untold)
    untold = new Set()
    start()
  }

  function lookLater(): void {
    cancelLook ??= clock.after(WHILE_UNTOLD, look)
  }

  function hear({ names, remote }: CacheEvents['invalidateTags']): void {
    waiting = withNames(waiting, names)
    start()
    if (remote !== 'queued') return
    untold = withNames(untold, names)
    lookLater()
  }

  const stops = [cache.on('invalidateTags', hear), cache.on('expireTags', hear)]
  return async () => {
    for (const stop of stops) stop()
    cancelLook?.()
    hurry.abort()
    resume()
    await running
  }
}
