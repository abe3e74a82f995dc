import pMemoize, { pMemoizeClear } from 'p-memoize'
import QuickLRU from 'quick-lru'

import type { Peer } from './peer.ts'

const MAX = 1000

export const memoize: Peer = {
  name: 'p-memoize',
  npm: 'p-memoize',
  setUp:
    '`pMemoize(load, { cache })` with `QuickLRU({ maxSize, maxAge })`; `cacheKey: JSON.stringify` where it makes the key',
  features: ['local', 'keys', 'arguments', 'clear', 'flight'],
  imports: { local: { 'p-memoize': ['default'], 'quick-lru': ['default'] } },
  async open({ load, ttl, maxEntries = MAX, argumentsAre, keep }) {
    const cache = new QuickLRU<unknown, unknown>(keep({ maxSize: maxEntries, maxAge: ttl as number }))
    const read = pMemoize(load, keep({ cache, ...(argumentsAre === 'any' && { cacheKey: JSON.stringify }) }))
    return {
      read,
      clear: async () => pMemoizeClear(read),
      close: async () => {},
    }
  },
}
