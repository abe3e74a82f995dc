import { onePerProcess } from '@shelflife/core/integration'
import type { Decisions, ResponseLifetime } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

/** A handler that runs for a cache. */
interface Running {
  /** The middleware that it runs behind. */
  readonly route: object
  readonly decisions: Decisions
}

/** Helpers may be called in another copy of this package than the cache is of. */
const running = onePerProcess('express.running', () => new WeakMap<ServerResponse, Running>())

/** The middleware that a handler runs behind already. */
export const routeOf = (res: ServerResponse): object | undefined => running.get(res)?.route

/** From now on decisions about this response are taken here. */
export function takeDecisionsOf(res: ServerResponse, run: Running): void {
  running.set(res, run)
}

/**
 * Adds tags to the response that is being made. Does nothing where no `cache()` stores it.
 *
 * @example cacheTags(res, `product:${id}`)
 */
export function cacheTags(res: ServerResponse, ...tags: readonly string[]): void {
  running.get(res)?.decisions.tag(...tags)
}

/**
 * Gives the response that is being made another lifetime than its route has. Does nothing where no `cache()` stores it.
 *
 * @example cacheLifetime(res, { ttl: '1m' })
 */
export function cacheLifetime(res: ServerResponse, lifetime: ResponseLifetime): void {
  running.get(res)?.decisions.lifetime(lifetime)
}

/**
 * Keeps the response that is being made from being stored. It says nothing to browsers: that is what `Cache-Control` is
 * for. Does nothing where no `cache()` stores it.
 *
 * @example if (isPreview) noStore(res)
 */
export function noStore(res: ServerResponse): void {
  running.get(res)?.decisions.noStore()
}
