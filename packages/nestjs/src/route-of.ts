import type { Route, RouteOptions } from '@shelflife/http'
import type { ExecutionContext, Type } from '@nestjs/common'

import type { Caching } from './caching.ts'
import { isMarkedNoCache } from './no-cache.ts'

/** Where `@CacheResponse` leaves its options. */
export const CACHE_RESPONSE = 'shelflife:cache-response'

/** What Nest calls this does not leave its package. */
const SSE = '__sse__'

type Stated = RouteOptions<string, unknown> & { readonly headers?: readonly string[] }

export const isServerSentEvents = (handler: object): boolean => Reflect.getMetadata(SSE, handler) === true

/** The options for a handler: its own, or those of its class. */
export function statedFor(handler: object, type: object): Stated | undefined {
  if (isServerSentEvents(handler) || isMarkedNoCache(handler, type)) return undefined
  return (Reflect.getMetadata(CACHE_RESPONSE, handler) ?? Reflect.getMetadata(CACHE_RESPONSE, type)) as
    | Stated
    | undefined
}

/** The route of a handler with these options, counted under class and method. */
export function routeFor(
  caching: Caching,
  { handler, type, stated }: { readonly handler: object; readonly type: object; readonly stated: Stated },
): Route<unknown> {
  const name = [type, handler].map((part) => (part as { readonly name: string }).name).join('.')
  return caching.route(type, handler, () => ({ name: name.slice(0, 128), ...stated }))
}

/** The route of `@CacheResponse` that a request has come to. */
export function routeOf(caching: Caching, context: ExecutionContext): Route<unknown> | undefined {
  const handler = context.getHandler()
  const type: Type = context.getClass()
  const stated = statedFor(handler, type)
  return stated && routeFor(caching, { handler, type, stated })
}
