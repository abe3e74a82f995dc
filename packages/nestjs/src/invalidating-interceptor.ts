import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import { Inject, Injectable, Optional } from '@nestjs/common'
import type { Observable } from 'rxjs'

import type { Caching } from './caching.ts'
import { InterceptorKind } from './outer-reads.ts'
import { incomingOf } from './incoming-of.ts'
import { platformOf } from './platform.ts'
import { settleFirst } from './settle-first.ts'
import { CACHING } from './tokens.ts'

/** What `@CacheInvalidate` does to a route beside the method: a write makes its URI void. */
@Injectable()
@InterceptorKind('harmless')
export class InvalidatingInterceptor implements NestInterceptor {
  readonly #caching: Caching | undefined

  constructor(@Optional() @Inject(CACHING) caching: Caching | undefined) {
    this.#caching = caching
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const caching = this.#caching
    if (caching === undefined || context.getType() !== 'http') return next.handle()
    const platform = platformOf(context)
    const incoming = incomingOf(platform)
    return settleFirst(platform, {
      next,
      settle: (answer) => caching.responses.invalidate({ incoming, ...answer, tags: [] }),
    })
  }
}
