import { onePerProcess } from '@shelflife/core/integration'
import type { Decisions, ResponseLifetime } from '@shelflife/http'
import type { Context } from 'hono'

/** What the handler of a request may decide, while a `cache()` runs it, which may be of another copy of this package. */
export const decisionsOf: WeakMap<Context, Decisions> = onePerProcess('hono.decisions', () => new WeakMap())

/**
 * Adds tags to the response that this handler makes. Does nothing where no `cache()` is in front of it.
 *
 * @example cacheTags(c, `product:${product.id}`, `brand:${product.brand}`)
 */
export function cacheTags(c: Context, ...tags: readonly string[]): void {
  decisionsOf.get(c)?.tag(...tags)
}

/**
 * Gives the response that this handler makes another lifetime than the options do. What the response itself says, such as
 * `Cache-Control`, still wins. Does nothing where no `cache()` is in front of it.
 *
 * @example cacheLifetime(c, { ttl: '1m' })
 */
export function cacheLifetime(c: Context, lifetime: ResponseLifetime): void {
  decisionsOf.get(c)?.lifetime(lifetime)
}

/**
 * Keeps the response that this handler makes from being stored. Does nothing where no `cache()` is in front of it.
 *
 * @example if (product.isDraft) noStore(c)
 */
export function noStore(c: Context): void {
  decisionsOf.get(c)?.noStore()
}
