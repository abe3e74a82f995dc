import { createCache } from '@shelflife/core'
import type { ResponseCacheOptions } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import { onTestFinished } from 'vitest'

import type { ResponseCaching } from '../src/index.ts'
import { cacheResponses } from '../src/index.ts'
import type { Cache, DefaultTier } from '@shelflife/core'

export interface Caching extends ResponseCaching<DefaultTier> {
  readonly shop: Cache<DefaultTier>
}

/** A cache for one test, and its middlewares. */
export function caching(options: Partial<ResponseCacheOptions> = {}): Caching {
  const shop = createCache({ namespace: 'test', store: memoryStore() })
  onTestFinished(() => shop.close())
  return { shop, ...cacheResponses({ cache: shop, onUnkeyedInput: () => {}, ...options }) }
}
