import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'

/** Thousands of reads, loads, writes and invalidations at once, of a cache in memory and of one on Redis. */
const [url = ''] = process.argv.slice(2)
const caches = [
  createCache({ namespace: 'mixture', store: memoryStore(), softTimeout: 5, hardTimeout: '1s' }),
  createCache({ namespace: 'mixture', store: [memoryStore(), ioredisStore(url)], softTimeout: 5, hardTimeout: '1s' }),
]
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function mix(cache: (typeof caches)[number]): Promise<void> {
  const get = cache.cached(
    async (context, id: number) => {
      context.signal.addEventListener('abort', () => {})
      context.tag(`tag:${id % 20}`)
      if (id % 3 === 0) await pause(id % 20)
      return id
    },
    { name: 'get', context: true, ttl: 20, staleWhileRevalidate: 40, staleIfError: '1m', earlyRefresh: 0.5 },
  )
  for (let round = 0; round < 8; round++) {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const id = i % 300
        if (i % 10 === 0) return get.invalidate(id)
        if (i % 11 === 0) return get.set(id, id)
        if (i % 101 === 0) return cache.invalidateTags([`tag:${id % 20}`])
        return i % 13 === 0 ? get.refresh(id) : get(id)
      }),
    )
    // longer than lifetimes, budgets and leases look ahead
    await pause(30)
  }
}

await Promise.all(caches.map(mix))
await Promise.all(caches.map((cache) => cache.close()))
