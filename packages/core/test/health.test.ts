import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { CacheEvents, StoreHealth } from '@shelflife/core'
import { createCache, ShelflifeError } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

import { faults, faultyStore, pass, settle } from './faulty-store.ts'

function setUp({ local = false } = {}) {
  const clock = fakeClock(100_000)
  const { store, fail, heal } = faultyStore(createReferenceServer({ clock }).connect({ clock }))
  const cache = createCache({ namespace: 'shop', clock, store: local ? [memoryStore({ clock }), store] : store })
  const remote = (): StoreHealth | undefined => cache.health().stores.find(({ kind }) => kind === 'remote')
  return { clock, cache, fail, heal, remote, get: cache.cached(async (id: number) => id, { name: 'value' }) }
}

test('health: a cache with a local store alone', async () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  await cache.cached(async () => 1, { name: 'value' })()
  const local = { kind: 'local', state: 'up', entries: 1 }
  expect(cache.health()).toMatchObject({ ok: true, stores: [local] })
  await cache.close()
  expect(cache.health().ok).toBe(false)
})

test('health: a store that answers, with its bus', async () => {
  const { cache, remote, get, clock } = setUp({ local: true })
  await get(1)
  expect(remote()).toMatchObject({ state: 'up', breaker: 'closed', owed: 0, bus: 'complete', lastError: undefined })
  expect(remote()?.latency).toBeGreaterThanOrEqual(0)
  await pass(clock, 100)
  expect(cache.health().stores.map(({ kind }) => kind)).toEqual(['local', 'remote'])
})

test('health: a store that is away is down, and the cache is ok all the same; afterwards it is up', async () => {
  const { cache, remote, get, fail, heal, clock } = setUp()
  fail(faults.rejects)
  for (let id = 0; id < 4; id++) await get(id)
  expect(cache.health().ok).toBe(true)
  expect(remote()).toMatchObject({ state: 'down', breaker: 'open', bus: 'none' })
  expect(remote()?.lastError?.message).toBe('connection reset')
  await get.invalidate(1)
  expect(remote()?.owed).toBe(1)
  clock.advance(60)
  expect(remote()?.lastError?.ago).toBeGreaterThanOrEqual(60)
  heal()
  await pass(clock, 6000)
  await get(9)
  expect(remote()).toMatchObject({ state: 'up', breaker: 'closed', owed: 0 })
})

test('health is plain data, without names or values', async () => {
  const { cache, get } = setUp({ local: true })
  await get(424242)
  expect(JSON.parse(JSON.stringify(cache.health()))).toMatchObject({ ok: true })
  expect(JSON.stringify(cache.health())).not.toMatch(/424242|shop/)
})

const rejection = { name: 'ShelflifeError', code: 'remote-unreachable' }

test("require 'remote' rejects when the store was not told, and the invalidation holds here and is made up for", async () => {
  const { cache, fail, heal, remote, clock } = setUp()
  let version = 1
  const get = cache.cached(async () => version, { name: 'strict', tier: 'manual', tags: ['tag'], require: 'remote' })
  expect(await get()).toBe(1)
  fail(faults.rejects)
  version = 2
  await expect(get.invalidate()).rejects.toMatchObject(rejection)
  expect(await get()).toBe(2)
  await expect(get.set(3)).rejects.toMatchObject(rejection)
  await expect(cache.invalidateTags(['tag'], { require: 'remote' })).rejects.toBeInstanceOf(ShelflifeError)
  await expect(cache.clear({ require: 'remote' })).rejects.toMatchObject(rejection)
  await expect(cache.set('key', 1, { require: 'remote' })).rejects.toMatchObject(rejection)
  expect(await cache.invalidateTags(['tag'])).toEqual({ local: true, remote: 'queued' })
  expect(remote()?.owed).toBeGreaterThan(0)
  heal()
  await pass(clock, 6000)
  expect(remote()?.owed).toBe(0)
  expect(await get.invalidate()).toEqual({ local: true, remote: 'done' })
})

test("require 'remote' can be said once for the whole cache", async () => {
  const clock = fakeClock(100_000)
  const { store, fail } = faultyStore(createReferenceServer({ clock }).connect({ clock }))
  const cache = createCache({ namespace: 'shop', clock, store, require: 'remote' })
  fail(faults.rejects)
  await expect(cache.clear()).rejects.toMatchObject(rejection)
  await expect(cache.cached(async () => 1, { name: 'value' }).expire()).rejects.toMatchObject(rejection)
  expect(await cache.clear({ require: 'local' })).toEqual({ local: true, remote: 'queued' })
})

test('more invalidations than are kept are told as an overflow', async () => {
  const { cache, fail, get } = setUp()
  const events: CacheEvents['overflow'][] = []
  cache.on('overflow', (event) => void events.push(event))
  fail(faults.rejects)
  for (let id = 0; id < 70_000; id++) void get.invalidate(id)
  await get.invalidate(70_000)
  await get.invalidate(70_001)
  expect(events).toEqual([{ store: 'reference', names: expect.any(Number) }])
  expect(events[0]?.names).toBeGreaterThan(40_000)
})

test('advice: a store without a bus behind a local one, and tiers without jitter', async () => {
  const server = createReferenceServer()
  const warnings: unknown[] = []
  const cache = createCache({
    namespace: 'shop',
    store: [memoryStore(), server.connect({ bus: false })],
    tiers: { exact: { ttl: '1m', jitter: 0 } },
    logger: { warn: (details) => void warnings.push(details), error() {} },
  })
  await settle()
  expect(warnings).toEqual([
    {
      store: 'reference',
      problem: expect.stringContaining('maxDrift'),
      link: expect.stringMatching(/advice\.md#no-bus$/),
    },
    { store: 'reference', problem: expect.stringContaining("'exact'"), link: expect.stringMatching(/#no-jitter$/) },
  ])
  await cache.close()
})

test('health: a store that refuses the only thing it is asked is down, although the breaker is closed yet', async () => {
  const { remote, get, fail, heal } = setUp()
  fail(faults.rejects)
  await get(1)
  expect(remote()).toMatchObject({ state: 'down' })
  heal()
  await get(2)
  expect(remote()).toMatchObject({ state: 'up', breaker: 'closed' })
})

test('health: a store that failed once is up again although nobody asks it anything but for its health', async () => {
  const { remote, get, fail, heal } = setUp()
  fail(faults.rejects)
  await get(1)
  heal()
  expect(remote()).toMatchObject({ state: 'down', breaker: 'closed' })
  await settle()
  expect(remote()).toMatchObject({ state: 'up' })
})

test('health: a store that never answered, or is away since, is found out where nobody asks it anything at all', async () => {
  const { clock, remote, fail, heal } = setUp()
  fail(faults.rejects)
  expect(remote()).toMatchObject({ state: 'up' })
  await settle()
  expect(remote()).toMatchObject({ state: 'down', lastError: expect.anything() })
  heal()
  await pass(clock, 1000)
  remote()
  await settle()
  expect(remote()).toMatchObject({ state: 'up' })
  await pass(clock, 60_000)
  fail(faults.rejects)
  expect(remote()).toMatchObject({ state: 'up' })
  await settle()
  expect(remote()).toMatchObject({ state: 'down' })
})

test('health: asked for again and again it asks the store once a second', async () => {
  const clock = fakeClock(100_000)
  const { store, sent } = faultyStore(createReferenceServer({ clock }).connect({ clock }))
  const cache = createCache({ namespace: 'shop', clock, store })
  for (let i = 0; i < 100; i++) {
    cache.health()
    await pass(clock, 50)
  }
  expect(sent.length).toBeLessThanOrEqual(5)
})

test('health: a store that is away is found out where nobody asks it anything but for its health', async () => {
  const clock = fakeClock(100_000)
  const connection = createReferenceServer({ clock }).connect({ clock })
  const { store, fail } = faultyStore(connection)
  const cache = createCache({ namespace: 'shop', clock, store: [memoryStore({ clock }), store] })
  const remote = (): StoreHealth | undefined => cache.health().stores[1]
  await settle()
  expect(remote()).toMatchObject({ state: 'up', bus: 'complete' })
  fail(faults.rejects)
  connection.disconnectBus()
  await pass(clock, 5000)
  expect(remote()).toMatchObject({ state: 'degraded', bus: 'behind', breaker: 'closed' })
  await settle()
  expect(remote()).toMatchObject({ state: 'down' })
})
