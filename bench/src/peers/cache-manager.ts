import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { KeyvCacheableMemory } from 'cacheable'
import { Keyv } from 'keyv'

import type { Layout, OpenOptions, Peer } from './peer.ts'

/** What its documentation shows for two levels. */
const LRU_SIZE = 5000

function storesOf({ layout, url, maxEntries = LRU_SIZE, keep }: OpenOptions): Keyv[] {
  const memory = (): Keyv => new Keyv({ store: new KeyvCacheableMemory(keep({ lruSize: maxEntries })) })
  const redis = (): Keyv => new Keyv({ store: new KeyvRedis(url), namespace: 'bench' })
  const stores: Record<Layout, () => Keyv[]> = {
    local: () => [memory()],
    remote: () => [redis()],
    both: () => [memory(), redis()],
  }
  return stores[layout]()
}

export const cacheManager: Peer = {
  name: 'cache-manager',
  npm: 'cache-manager',
  setUp:
    '`wrap(key, load)` with `KeyvCacheableMemory({ lruSize })`, `KeyvRedis`, or both; a stale window as `refreshThreshold`',
  features: ['local', 'remote', 'both', 'set', 'invalidate', 'clear', 'flight', 'lifetime', 'stale'],
  imports: {
    local: { 'cache-manager': ['createCache'], keyv: ['Keyv'], cacheable: ['KeyvCacheableMemory'] },
    remote: {
      'cache-manager': ['createCache'],
      keyv: ['Keyv'],
      cacheable: ['KeyvCacheableMemory'],
      '@keyv/redis': ['default'],
    },
  },
  async open(options) {
    const { load, stale, keep } = options
    const ttl = options.ttl as number
    const stores = storesOf(options)
    // what is in its last part is served, and loaded anew
    const lifetime = stale === undefined ? { ttl } : { ttl: ttl + stale, refreshThreshold: stale }
    const cache = createCache(keep({ stores, ...lifetime }))
    for (const store of stores) store.on('error', () => {})
    return {
      read: (id) => cache.wrap(id as string, () => load(id)),
      set: (value, id) => cache.set(id as string, value),
      invalidate: (id) => cache.del(id as string),
      clear: () => cache.clear(),
      close: () => cache.disconnect(),
    }
  },
}
