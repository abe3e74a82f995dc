import type { Decisions, ResponseLifetime } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

/** What the handlers that run for a cache decide. */
const running = new WeakMap<ServerResponse, Decisions>()

/** Whether a handler runs for a cache already. */
export const isRunning = (res: ServerResponse): boolean => running.has(res)

/** From now on decisions about this response are taken here. */
export function takeDecisionsOf(res: ServerResponse, decisions: Decisions): void {
  running.set(res, decisions)
}

/**
 * Adds tags to the response that is being made. Does nothing where no `cache()` stores it.
 *
 * @example cacheTags(res, `product:${id}`)
 */
export function cacheTags(res: ServerResponse, ...tags: readonly string[]): void {
  running.get(res)?.tag(...tags)
}

/**
 * Gives the response that is being made another lifetime than its route has. Does nothing where no `cache()` stores it.
 *
 * @example cacheLifetime(res, { ttl: '1m' })
 */
export function cacheLifetime(res: ServerResponse, lifetime: ResponseLifetime): void {
  running.get(res)?.lifetime(lifetime)
}

/**
 * Keeps the response that is being made from being stored. It says nothing to browsers: that is what `Cache-Control` is
 * for. Does nothing where no `cache()` stores it.
 *
 * @example if (isPreview) noStore(res)
 */
export function noStore(res: ServerResponse): void {
  running.get(res)?.noStore()
}
