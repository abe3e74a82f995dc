import type { Cache, CacheEntry } from '@epic-web/cachified'
import { cachified, createCacheEntry, totalTtl } from '@epic-web/cachified'
import { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'

import type { Peer } from './peer.ts'

/** What its documentation shows. */
const MAX = 1000

/** Entries as text that Redis lets expire, as the adapters do that its documentation names. */
function redisCache(client: Redis): Cache {
  return {
    name: 'Redis',
    async get(key) {
      const text = await client.get(key)
      return text === null ? null : (JSON.parse(text) as CacheEntry)
    },
    set(key, entry) {
      const lifetime = totalTtl(entry.metadata)
      const text = JSON.stringify(entry)
      return lifetime === Number.POSITIVE_INFINITY ? client.set(key, text) : client.set(key, text, 'PX', lifetime)
    },
    delete: (key) => client.del(key),
  }
}

export const cachifiedPeer: Peer = {
  name: 'cachified',
  npm: '@epic-web/cachified',
  setUp: '`cachified({ key, cache, getFreshValue, ttl, swr })` on `LRUCache({ max })`, or on ioredis with JSON',
  features: ['local', 'remote', 'set', 'invalidate', 'flight', 'lifetime', 'stale'],
  imports: {
    local: { '@epic-web/cachified': ['cachified'], 'lru-cache': ['LRUCache'] },
    remote: { '@epic-web/cachified': ['cachified'] },
  },
  async open({ layout, url, load, stale = 0, maxEntries = MAX, keep, ...options }) {
    const ttl = options.ttl as number
    const client = layout === 'local' ? undefined : new Redis(url)
    client?.on('error', () => {})
    const cache =
      client === undefined ? new LRUCache<string, CacheEntry>(keep({ max: maxEntries })) : redisCache(client)
    return {
      read: (id) => cachified(keep({ key: id as string, cache, getFreshValue: () => load(id), ttl, swr: stale })),
      set: async (value, id) => cache.set(id as string, createCacheEntry(value, { ttl, swr: stale })),
      invalidate: async (id) => cache.delete(id as string),
      close: async () => client?.disconnect(),
    }
  },
}
