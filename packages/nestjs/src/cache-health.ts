import type { Cache, Health } from '@shelflife/core'
import { Inject, Injectable } from '@nestjs/common'

import { CACHE } from './tokens.ts'

/** What Terminus takes, and any other endpoint can return. */
export type CacheHealthResult = Readonly<Record<string, Health & { readonly status: 'up' | 'down' }>>

/**
 * How the cache does, in the form of Terminus and without needing it. A remote store that is away does not make it `down`:
 * the cache goes on without.
 *
 * @example health.check([() => cacheHealth.isHealthy('cache')])
 */
@Injectable()
export class CacheHealthIndicator {
  readonly #cache: Cache<string>

  constructor(@Inject(CACHE) cache: Cache<string>) {
    this.#cache = cache
  }

  /** @param key the name of the result. Default `cache`. */
  isHealthy(key: string = 'cache'): CacheHealthResult {
    const health = this.#cache.health()
    return { [key]: { status: health.ok ? 'up' : 'down', ...health } }
  }
}
