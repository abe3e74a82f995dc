import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { Inject, Injectable, Optional } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { Observable } from 'rxjs'

import { answerFromCache } from './answer-from-cache.ts'
import type { Caching } from './caching.ts'
import { InterceptorKind } from './outer-reads.ts'
import { routeOf } from './route-of.ts'
import { CACHING } from './tokens.ts'

/** What `@CacheResponse` puts in front of a handler. */
@Injectable()
@InterceptorKind('cache')
export class ResponseCacheInterceptor implements NestInterceptor {
  readonly #caching: Caching | undefined
  readonly #host: HttpAdapterHost

  constructor(
    @Optional() @Inject(CACHING) caching: Caching | undefined,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#caching = caching
    this.#host = host
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.#caching === undefined || context.getType() !== 'http') return next.handle()
    const route = routeOf(this.#caching, context)
    if (route === undefined) return next.handle()
    return answerFromCache({ context, next, route, caching: this.#caching, host: this.#host })
  }
}
