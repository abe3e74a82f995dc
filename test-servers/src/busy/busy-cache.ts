import type { Cache, Cached, CacheOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'

/** What is cached: about 600 bytes. */
export interface Item {
  readonly id: number
  readonly text: string
}

/** A cache with what the suite calls on it. */
export interface BusyCache {
  readonly cache: Cache
  readonly item: Cached<[id: number], Item>
  /** The same with a tag of its own for each. */
  readonly tagged: Cached<[id: number], Item>
  /** Runs of the loader since it was last set. */
  loads: number
}

/** What is expired is gone. */
const LIFETIME = { ttl: '1h', staleWhileRevalidate: 0, staleIfError: 0 } as const

export const itemOf = (id: number, text = 'loaded'): Item => ({ id, text: text.padEnd(600, '.') })

export const tagOf = (id: number): string => `tag-${id}`

export function busyCache(options: Pick<CacheOptions, 'namespace' | 'store'>): BusyCache {
  const cache = createCache(options)
  const load = async (id: number): Promise<Item> => {
    busy.loads++
    return itemOf(id)
  }
  const busy: BusyCache = {
    cache,
    item: cache.cached(load, { name: 'item', ...LIFETIME }),
    tagged: cache.cached(load, { name: 'tagged', ...LIFETIME, tags: (id) => [tagOf(id)] }),
    loads: 0,
  }
  return busy
}
