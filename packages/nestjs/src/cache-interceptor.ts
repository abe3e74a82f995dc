import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { Inject, Injectable } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { from, lastValueFrom } from 'rxjs'
import type { Observable } from 'rxjs'

import { answerFromCache } from './answer-from-cache.ts'
import { statedKey, statedTtl } from './cache-key.ts'
import type { CacheManager, CacheManagerOptions } from './cache-manager.ts'
import { CACHE_MANAGER } from './cache-manager.ts'
import { interceptedTag, lifetimeOf } from './create-cache-manager.ts'
import type { CacheRoot } from './cache-root.ts'
import type { Caching } from './caching.ts'
import { isMarkedNoCache } from './no-cache.ts'
import { InterceptorKind } from './outer-reads.ts'
import { isServerSentEvents, routeFor } from './route-of.ts'
import { CACHING, ROOT } from './tokens.ts'

/** What `tags` of the routes here are called with. */
interface Tracked {
  readonly key: string
}

const MINUTE = 60_000

/**
 * The interceptor of `@nestjs/cache-manager` for applications that come from there: answers GET by URL, or by
 * `@CacheKey`, for as long as `@CacheTTL` says. Over HTTP it keeps whole responses and nothing that is one user's. Outside
 * of HTTP it keeps the values of handlers that have a `@CacheKey`. New code has `@CacheResponse` and `@Cached`.
 *
 * @example @UseInterceptors(CacheInterceptor)
 */
@Injectable()
@InterceptorKind('cache')
export class CacheInterceptor implements NestInterceptor {
  /** Methods that are cached, for classes that extend this. */
  protected allowedMethods: string[] = ['GET']
  readonly #caching: Caching
  readonly #manager: CacheManager
  readonly #options: CacheManagerOptions
  readonly #host: HttpAdapterHost

  constructor(
    @Inject(CACHING) caching: Caching,
    @Inject(CACHE_MANAGER) manager: CacheManager,
    @Inject(ROOT) { options }: CacheRoot,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#caching = caching
    this.#manager = manager
    this.#options = options.manager ?? {}
    this.#host = host
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const [handler, type] = [context.getHandler(), context.getClass()]
    if (isServerSentEvents(handler) || isMarkedNoCache(handler, type)) return next.handle()
    const key = this.trackBy(context)
    if (key === undefined || key === '') return next.handle()
    const ttl = await statedTtl(context)
    if (ttl !== undefined && ttl < 0) return next.handle()
    if (context.getType() !== 'http') {
      return from(this.#manager.wrap(key, () => lastValueFrom(next.handle(), { defaultValue: undefined }), ttl))
    }
    const usual = lifetimeOf(this.#options.ttl ?? MINUTE)
    const route = routeFor(this.#caching, {
      handler,
      type,
      stated: { tags: (tracked) => [interceptedTag((tracked as Tracked).key)] },
    })
    const isUrl = key === urlOf(this.#host, context)
    const target = isUrl ? {} : { target: `/key/${encodeURIComponent(key)}` }
    const lifetime = { ...(ttl === undefined ? usual : lifetimeOf(ttl)), staleWhileRevalidate: 0, staleIfError: 0 }
    const subject: Tracked = { key }
    return answerFromCache({
      context,
      next,
      route,
      caching: this.#caching,
      host: this.#host,
      subject,
      lifetime,
      ...target,
    })
  }

  /** The key of a call; `undefined`: not cached. To be overridden. */
  protected trackBy(context: ExecutionContext): string | undefined {
    const stated = statedKey(context)
    if (stated !== undefined || context.getType() !== 'http') return stated
    return this.isRequestCacheable(context) ? urlOf(this.#host, context) : undefined
  }

  /** Whether a request of HTTP without a `@CacheKey` is cached. To be overridden. */
  protected isRequestCacheable(context: ExecutionContext): boolean {
    const { method } = context.switchToHttp().getRequest<{ readonly method: string }>()
    return this.allowedMethods.includes(method)
  }
}

const urlOf = ({ httpAdapter }: HttpAdapterHost, context: ExecutionContext): string =>
  httpAdapter.getRequestUrl(context.switchToHttp().getRequest()) as string
