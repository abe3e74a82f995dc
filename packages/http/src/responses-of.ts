import type { Cache } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Fill } from './fill.ts'
import type { Responses } from './respond.ts'
import type { Key } from './variant-key.ts'

interface ToWrap {
  readonly fill: Fill
  readonly maxFillTime: number
}

/**
 * The entries of all responses of a cache.
 *
 * @throws ShelflifeError `duplicate-name` where it has some already
 */
export function responsesOf(cache: Cache<string>, { fill, maxFillTime }: ToWrap): Responses {
  try {
    return cache.cached(fill, {
      name: 'response',
      context: true,
      key: (key: Key) => key,
      isolation: 'share',
      hardTimeout: maxFillTime,
    }) as unknown as Responses
  } catch (error) {
    if (!(error instanceof ShelflifeError) || error.code !== 'duplicate-name') throw error
    throw new ShelflifeError(
      'duplicate-name',
      'this cache has its responses already; call cacheResponses() or createResponseCache() once for each cache and share ' +
        "what it returns, or give the second one a namespace of its own: cache.namespace('admin')",
      { cause: error },
    )
  }
}
