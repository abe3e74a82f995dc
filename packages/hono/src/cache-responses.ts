import type { DefaultTier } from '@shelflife/core'
import type { ResponseCacheOptions, Route, RouteOptions } from '@shelflife/http'
import { checkInvalidates, createResponseCache, incomingOf } from '@shelflife/http'
import type { Context, Env, Input, MiddlewareHandler } from 'hono'

import { respond } from './respond.ts'

/** Options of `cache()`: those of a route, whose functions get the context. */
export type CacheOptions<Tier extends string, C extends Context = Context> = RouteOptions<Tier, C>

/** Options of `invalidates()`. */
export interface InvalidatesOptions<C extends Context = Context> {
  /** Tags that are invalidated as well; a function is called after the handler. Default: none. */
  readonly tags?: readonly string[] | ((c: C) => readonly string[])
}

function warnOfInner(path: string): void {
  // oxlint-disable-next-line no-console
  console.warn(
    `[shelflife] ${path} is behind two cache(): the options of the inner one do nothing; leave one of them away, or give both to the outer one`,
  )
}

/** The middlewares of one response cache. */
export interface CachesResponses<Tier extends string> {
  /**
   * Answers GET and HEAD from the cache, and stores what comes after it. One for a request: of several the first counts.
   *
   * @throws ShelflifeError `invalid-option`, `invalid-duration`
   * @example app.get('/products/:id', cache({ tier: 'dynamic', tags: (c) => [`product:${c.req.param('id')}`] }), handler)
   */
  cache<E extends Env = Env, P extends string = string, I extends Input = {}>(
    options?: CacheOptions<Tier, Context<E, P, I>>,
  ): MiddlewareHandler<E, P, I>
  /**
   * After success of an unsafe method, and before the client gets the answer, invalidates the URI of the request, those in
   * `Location` and `Content-Location`, and tags.
   *
   * @throws ShelflifeError `invalid-option`
   * @example app.put('/products/:id', invalidates({ tags: (c) => [`product:${c.req.param('id')}`] }), handler)
   */
  invalidates<E extends Env = Env, P extends string = string, I extends Input = {}>(
    options?: InvalidatesOptions<Context<E, P, I>>,
  ): MiddlewareHandler<E, P, I>
}

/**
 * Creates the middlewares that cache the responses of a Hono app, on every runtime that Hono runs on. Call it once for each
 * cache or namespace of it: its routes share entries and loads.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`, `duplicate-name` for a second one of the same cache
 * @example
 * const { cache, invalidates } = cacheResponses({ cache: shop })
 * app.get('/products/:id', cache({ tier: 'dynamic' }), (c) => c.json(getProduct(c.req.param('id'))))
 */
export function cacheResponses<Tier extends string = DefaultTier>(
  options: ResponseCacheOptions<Tier>,
): CachesResponses<Tier> {
  const responses = createResponseCache(options)
  return {
    cache<E extends Env, P extends string, I extends Input>(
      routeOptions: CacheOptions<Tier, Context<E, P, I>> = {},
    ): MiddlewareHandler<E, P, I> {
      const route: Route<Context<E, P, I>> = responses.route(routeOptions)
      let isTold = false
      return (c, next) =>
        respond(c, next, {
          route,
          planFor: (incoming) => route.plan(incoming, c),
          onInner() {
            if (!isTold) warnOfInner(c.req.path)
            isTold = true
          },
        })
    },
    invalidates<E extends Env, P extends string, I extends Input>(
      options: InvalidatesOptions<Context<E, P, I>> = {},
    ): MiddlewareHandler<E, P, I> {
      checkInvalidates(options)
      const { tags = [] } = options
      return async (c, next) => {
        const incoming = incomingOf(c.req.raw)
        await next()
        const { status, headers } = c.res
        const stated = typeof tags === 'function' ? () => tags(c) : tags
        await responses.invalidate({ incoming, status, headers: [...headers], tags: stated })
      }
    },
  }
}
