import { LRUCache } from 'lru-cache'

import type { Peer } from './peer.ts'

/** It cannot be made without a limit. */
const MAX = 1000

export const lruCache: Peer = {
  name: 'lru-cache',
  npm: 'lru-cache',
  setUp:
    '`fetch(key)` with `max`, `ttl` and `fetchMethod`; with a stale window `allowStale` and `allowStaleOnFetchRejection`, which have no end',
  features: ['local', 'set', 'invalidate', 'clear', 'flight', 'lifetime', 'stale'],
  imports: { local: { 'lru-cache': ['LRUCache'] } },
  async open({ load, ttl, stale, maxEntries = MAX, keep }) {
    const cache = new LRUCache<string, {}>(
      keep({
        max: maxEntries,
        ttl: ttl as number,
        fetchMethod: (id: string) => load(id) as Promise<{}>,
        ...(stale !== undefined && { allowStale: true, allowStaleOnFetchRejection: true, noDeleteOnStaleGet: true }),
      }),
    )
    return {
      read: (id) => cache.fetch(id as string),
      set: async (value, id) => void cache.set(id as string, value as {}),
      invalidate: async (id) => cache.delete(id as string),
      clear: async () => cache.clear(),
      close: async () => {},
    }
  },
}
