import type { DefaultTier } from '@shelflife/core'
import type { RouteOptions } from '@shelflife/http'
import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common'

import { ResponseCacheInterceptor } from './response-cache-interceptor.ts'
import { CACHE_RESPONSE } from './route-of.ts'

/** What the requests of both platforms have, for `tags`. */
export interface RouteRequest {
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
}

/** Options of `@CacheResponse`: those of a route of `@shelflife/http`. */
export interface CacheResponseOptions<Request = RouteRequest> extends Omit<RouteOptions<string, Request>, 'tier'> {
  /** A tier of the cache. What is stated beside it wins. An unknown one is an error when the application starts. */
  readonly tier?: DefaultTier | (string & {})
}

/**
 * Answers GET and HEAD of a route, or of all routes of a controller, from the cache: status, headers and bytes. Guards
 * run for every request. It is an interceptor: those that are listed before it run for every request too, and see
 * `undefined` where the cache answers; those after it, pipes and the handler run for what is not stored. Writes of a
 * controller make their URI void. Does nothing outside of HTTP and for `@Sse()`.
 *
 * @example
 * @CacheResponse({ tier: 'dynamic', tags: ({ params }) => [`task:${params['id']}`] })
 * @Get(':id')
 */
export const CacheResponse = <Request = RouteRequest>(
  options: CacheResponseOptions<Request> = {},
): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(CACHE_RESPONSE, options), UseInterceptors(ResponseCacheInterceptor))
