import type { LocalStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { cacheResponses } from '@shelflife/hono'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'
import { Hono } from 'hono'

import type { OpenOptions, Peer, Subject } from './peer.ts'
import { requestText } from './request-text.ts'

function storeOf({ layout, url, maxEntries, keep }: OpenOptions) {
  const local = (): LocalStore => memoryStore(keep(maxEntries === undefined ? {} : { maxEntries, maxBytes: 2 ** 30 }))
  if (layout === 'local') return local()
  if (layout === 'remote') return ioredisStore(url)
  return [local(), ioredisStore(url)] as const
}

export const shelflife: Peer = {
  name: 'shelflife',
  setUp: '`cache.cached(load, { name })` with `memoryStore()`, `ioredisStore(url)`, or both; defaults otherwise',
  features: [
    'local',
    'remote',
    'both',
    'bus',
    'keys',
    'keyOf',
    'arguments',
    'label',
    'tags',
    'set',
    'invalidate',
    'clear',
    'flight',
    'lifetime',
    'lease',
    'stale',
    'timeout',
    'durations',
    'http',
  ],
  imports: {
    local: { '@shelflife/core': ['createCache'], '@shelflife/memory': ['memoryStore'] },
    remote: {
      '@shelflife/core': ['createCache'],
      '@shelflife/memory': ['memoryStore'],
      '@shelflife/ioredis': ['ioredisStore'],
    },
  },
  async open(options) {
    const { load, ttl, stale = 0, timeout, tags, keep } = options
    const store = storeOf(options)
    const cache = createCache(keep({ namespace: 'bench', store: store as LocalStore }))
    const read = cache.cached(
      load,
      keep({
        name: 'read',
        ttl: ttl as number,
        staleWhileRevalidate: stale,
        staleIfError: stale,
        ...(timeout !== undefined && { hardTimeout: timeout }),
        ...(tags !== undefined && { tags }),
      }),
    )
    const app = new Hono()
    const { cache: cached } = cacheResponses({ cache })
    app.get('/*', cached({ ttl: ttl as number }), async (c) => c.text(String(await load(requestText(c.req.raw)))))
    return {
      read,
      set: (value, ...args) => read.set(value as object, ...args),
      invalidate: (...args) => read.invalidate(...args),
      invalidateLabel: (label) => cache.invalidateTags([label]),
      clear: () => cache.clear(),
      key: read.key,
      respond: async (request) => app.fetch(request),
      close: () => cache.close(),
    } satisfies Subject
  },
}
