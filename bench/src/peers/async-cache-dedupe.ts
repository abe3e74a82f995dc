import { createCache } from 'async-cache-dedupe'
import { Redis } from 'ioredis'

import type { OpenOptions, Peer } from './peer.ts'

/** Its lifetimes are in whole seconds. */
const seconds = (milliseconds: number): number => milliseconds / 1000

interface Defined {
  read(argument: unknown): Promise<unknown>
}

function storageOf({ layout, maxEntries, keep, ...options }: OpenOptions, client: Redis | undefined) {
  const ttl = seconds(options.ttl as number) + seconds(options.stale ?? 0)
  if (layout === 'local' || client === undefined) {
    const size = maxEntries === undefined ? {} : { size: maxEntries }
    return { type: 'memory' as const, options: keep({ ...size, invalidation: options.tags !== undefined }) }
  }
  const invalidation = options.tags === undefined ? false : { referencesTTL: ttl }
  return { type: 'redis' as const, options: keep({ client, invalidation }) }
}

export const asyncCacheDedupe: Peer = {
  name: 'async-cache-dedupe',
  npm: 'async-cache-dedupe',
  setUp:
    '`createCache({ ttl, stale, storage }).define(name, load)` with storage `memory` or `redis` and ioredis; `references` as labels; functions of one argument',
  features: ['local', 'remote', 'keys', 'label', 'tags', 'invalidate', 'clear', 'flight', 'lifetime', 'stale'],
  imports: {
    local: { 'async-cache-dedupe': ['createCache'] },
    remote: { 'async-cache-dedupe': ['createCache'] },
  },
  async open(options) {
    const { layout, url, load, ttl, stale, tags, keep } = options
    const client = layout === 'local' ? undefined : new Redis(url)
    client?.on('error', () => {})
    const cache = createCache(
      keep({
        ttl: seconds(ttl as number),
        storage: storageOf(options, client),
        ...(stale !== undefined && { stale: seconds(stale) }),
      }),
    )
    const references = tags === undefined ? {} : { references: (argument: unknown) => [...tags(argument)] }
    cache.define('read', references, (argument: unknown) => load(argument))
    const { read } = cache as unknown as Defined
    return {
      read: (argument) => read(argument),
      invalidate: (argument) => cache.clear('read' as never, argument as never),
      invalidateLabel: (label) => cache.invalidateAll(label),
      clear: () => cache.clear(),
      close: async () => client?.disconnect(),
    }
  },
}
