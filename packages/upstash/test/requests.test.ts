import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, test, vi } from 'vitest'

import { startFront } from './front.ts'

const { store, during } = await startFront()

const load = async (id: number): Promise<string> => `product ${id}`

/** Of the README. */
test('requests for each operation', async () => {
  const cache = createCache({ namespace: 'shop', store: store() })
  const plain = cache.cached(load, { name: 'plain', tier: 'static' })
  const tagged = cache.cached(load, { name: 'tagged', tier: 'static', tags: (id) => [`product/${id}`] })
  const stale = cache.cached(load, { name: 'stale', ttl: '1h', staleWhileRevalidate: '1h' })
  // scripts are known and the clock has been read
  for (const call of [plain, tagged, stale]) for (const id of [1, 2]) await call(id)
  await plain.set('other', 2)
  await plain.expire(2)
  await plain.invalidate(2)
  await cache.invalidateTags(['none'])
  await cache.expireTags(['none'])

  async function refresh(): Promise<string[]> {
    await stale.expire(1)
    let commits = 0
    const stop = cache.on('commit', () => commits++)
    const names = await during(async () => {
      await stale(1)
      await vi.waitFor(() => expect(commits).toBe(1), 10_000)
    })
    stop()
    return names
  }

  expect({
    hit: await during(() => plain(1)),
    'tagged hit': await during(() => tagged(1)),
    'ten hits at once': await during(() => Promise.all(Array.from({ length: 10 }, () => [plain(1), tagged(1)]).flat())),
    miss: (await during(() => tagged(3))).toSorted(),
    refresh: (await refresh()).toSorted(),
    set: (await during(() => plain.set('new', 1))).toSorted(),
    invalidate: await during(() => plain.invalidate(1)),
    expire: await during(() => plain.expire(1)),
    invalidateTags: await during(() => cache.invalidateTags(['product/1', 'late'])),
    expireTags: await during(() => cache.expireTags(['product/1', 'late'])),
    clear: await during(() => cache.clear()),
  }).toEqual({
    hit: ['MGET'],
    'tagged hit': ['MGET'],
    'ten hits at once': ['MGET'],
    miss: ['EVALSHA', 'EVALSHA', 'EVALSHA', 'MGET'],
    refresh: ['EVALSHA', 'EVALSHA', 'EVALSHA', 'MGET', 'MGET'],
    set: ['EVALSHA', 'EVALSHA', 'EVALSHA', 'EVALSHA'],
    invalidate: ['UNLINK', 'EVALSHA'],
    expire: ['EVALSHA', 'EVALSHA'],
    invalidateTags: ['EVALSHA'],
    expireTags: ['EVALSHA'],
    clear: ['EVALSHA'],
  })
  await cache.close()
})

test('a new process asks for the time beside its first read, and for nothing else', async () => {
  const cache = createCache({ namespace: 'shop', store: [memoryStore(), store()] })
  const plain = cache.cached(load, { name: 'plain', tier: 'static' })
  await plain(5)
  await cache.close()

  const other = createCache({ namespace: 'shop', store: [memoryStore(), store()] })
  const again = other.cached(load, { name: 'plain', tier: 'static' })
  expect((await during(() => again(5))).toSorted()).toEqual(['EVALSHA', 'MGET'])
  expect(await during(() => again(5))).toEqual([])
  // no heartbeat, no look at the server
  expect(await during(() => new Promise((resolve) => setTimeout(resolve, 300)))).toEqual([])
  await other.close()
})
