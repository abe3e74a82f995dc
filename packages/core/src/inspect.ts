import type { Phase } from './entry.ts'
import { phaseOf } from './entry.ts'
import type { AnyCache } from './entry-of.ts'
import { behindOf, checkedKey, entryOf } from './entry-of.ts'
import type { Invalidation } from './invalidate.ts'
import { invalidate } from './invalidate.ts'
import type { InvalidationOptions } from './options.ts'

/** What is known of an entry. Durations in milliseconds. */
export interface Inspection {
  readonly key: string
  /** Of the wrapped function; empty for what was set or loaded by key. */
  readonly name: string
  readonly tier: string
  /** `expired`: not served any more, but kept for `staleIfError`. */
  readonly phase: Phase
  readonly age: number
  /** Until `ttl` ends: negative when it has, `Infinity` without one. */
  readonly freshFor: number
  /** Until the entry is of no use to anybody. */
  readonly keptFor: number
  /** What the load took. */
  readonly cost: number
  readonly store: 'local' | 'remote'
  /** As they were given, with those above them. */
  readonly tags: readonly string[]
}

/** `shop/product@2(42)` → `product`. */
function nameIn(key: string): string {
  const end = key.indexOf('(')
  const [name = ''] = key.slice(key.lastIndexOf('/', end) + 1, end).split('@')
  return name
}

/**
 * What is known of one entry, by its full key as events have it, such as `shop/product(42)`; nothing of its value. Never
 * loads, is not counted, and answers for entries that are too old to be served too.
 *
 * @throws ShelflifeError `invalid-option` when the key is not of the cache's namespace
 * @example await inspect(cache, getProduct.key(42)) // { phase: 'fresh', age: 1200, … } or undefined
 */
export async function inspect(cache: AnyCache, key: string): Promise<Inspection | undefined> {
  const [{ clock }] = behindOf(cache)
  const { entry, store } = await entryOf(cache, checkedKey(cache, key))
  if (entry === undefined) return undefined
  const now = clock.now()
  const { tier, cost } = entry
  return {
    key,
    // a remote store does not keep it
    name: nameIn(key),
    tier,
    phase: phaseOf(entry, now),
    age: Math.max(0, now - entry.createdAt),
    freshFor: entry.freshUntil - now,
    keptFor: entry.keepUntil - now,
    cost,
    store,
    tags: entry.tags.filter((tag) => tag.includes('#')).map((tag) => tag.slice(tag.indexOf('#') + 1)),
  }
}

/**
 * Invalidates one entry by its full key: gone now, on every process, also for loads that are running.
 *
 * @throws ShelflifeError `invalid-option` when the key is not of the cache's namespace, `remote-unreachable` if that is
 * required
 */
export async function invalidateKey(
  cache: AnyCache,
  key: string,
  options?: InvalidationOptions,
): Promise<Invalidation> {
  const [engine] = behindOf(cache)
  return invalidate(engine, { type: 'invalidate', names: [checkedKey(cache, key)] }, options ?? engine.policy)
}
