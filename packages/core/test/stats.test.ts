import { createCache } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createWorld } from './set-ups.ts'
import { countLoad, createStats } from '../src/stats.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(options: Parameters<typeof memoryStore>[0] = {}) {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'test', clock, store: memoryStore({ clock, ...options }) })
  return { clock, cache }
}

const none = {
  hits: 0,
  staleHits: 0,
  misses: 0,
  loads: 0,
  loadFailures: 0,
  joined: 0,
  waits: 0,
  refused: 0,
  evictions: 0,
}

const noEvents = {
  invalidate: 0,
  expire: 0,
  invalidateTags: 0,
  expireTags: 0,
  corrupt: 0,
  storeError: 0,
  breaker: 0,
  gap: 0,
  overflow: 0,
  untold: 0,
  advice: 0,
  backgroundError: 0,
}

describe('counts', () => {
  test('a new cache has counted nothing', () => {
    const { cache } = setUp()
    expect(cache.stats()).toEqual({
      ...none,
      commits: 0,
      skips: 0,
      entries: 0,
      bytes: 0,
      names: {},
      events: noEvents,
      loadTime: { count: 0, total: 0, max: 0, buckets: Array.from({ length: 17 }, () => 0) },
    })
  })

  test('hits, misses, loads and joined callers are counted', async () => {
    const { cache } = setUp()
    const load = cache.cached(async (id: number) => id, { name: 'load' })
    await Promise.all([load(1), load(1), load(1), load(2)])
    await load(1)
    await load.read(2)
    expect(cache.stats()).toMatchObject({ ...none, hits: 2, misses: 4, loads: 2, joined: 2, entries: 2 })
  })

  test.each(['memory', 'remote', 'memory and remote'])(
    'every read is counted once, and misses as their events, %s',
    async (kind) => {
      const server = createReferenceServer()
      const stores = {
        memory: memoryStore(),
        remote: server.connect(),
        both: [memoryStore(), server.connect()] as const,
      }
      const store = kind === 'memory' ? stores.memory : kind === 'remote' ? stores.remote : stores.both
      const cache = createCache({ namespace: 'test', store })
      let missed = 0
      cache.on('miss', () => void missed++)
      const load = async (id: number): Promise<number> => (id % 2 ? Promise.reject(new Error('down')) : id)
      const get = cache.cached(load, { name: 'load', ttl: '1m' })
      const quietly = (call: Promise<unknown>): Promise<unknown> => call.catch(() => {})
      // alone, at once, and again
      for (let id = 0; id < 10; id++) await quietly(get(id))
      await Promise.all(Array.from({ length: 20 }, (_, i) => quietly(get(100 + (i % 2)))))
      for (let id = 0; id < 10; id++) await quietly(get(id))
      await cache.get('nothing')
      await get.refresh(0)
      await cache.set('value', 1)
      await cache.getOrLoad('stream', () => new Response('text'))
      const { hits, staleHits, misses, commits, skips } = cache.stats()
      expect(hits + staleHits + misses).toBe(10 + 20 + 10 + 1 + 1)
      expect(misses).toBe(missed)
      expect({ commits, skips }).toEqual({ commits: 8, skips: 1 })
      await cache.close()
      await get(0)
      expect(cache.stats().misses).toBe(missed)
    },
  )

  test('what befalls the whole cache is counted although nobody listens', async () => {
    const { cache } = setUp()
    await cache.invalidate('a')
    await cache.expireTags(['a'])
    await cache.clear()
    expect(cache.stats().events).toEqual({ ...noEvents, invalidate: 1, expireTags: 1, invalidateTags: 1 })
  })

  test('an old value that is served is a stale hit, and its refresh a load that nobody missed', async () => {
    const { cache, clock } = setUp()
    const load = cache.cached(async () => 1, { name: 'load', ttl: '1s', staleWhileRevalidate: '1m', jitter: 0 })
    await load()
    clock.advance(1000)
    await load()
    await turn()
    await load()
    expect(cache.stats()).toMatchObject({ ...none, hits: 1, staleHits: 1, misses: 1, loads: 2 })
  })

  test('a failed load is a load and a failure, and an old value in its place a stale hit', async () => {
    const { cache, clock } = setUp()
    let fails = false
    const load = cache.cached(async () => (fails ? Promise.reject(new Error('no')) : 1), {
      name: 'load',
      ttl: '1s',
      staleWhileRevalidate: 0,
      staleIfError: '1h',
    })
    await load()
    fails = true
    clock.advance(1000)
    expect(await load()).toBe(1)
    expect(cache.stats()).toMatchObject({ ...none, staleHits: 1, misses: 1, loads: 2, loadFailures: 1 })
  })

  test('a value that was invalidated while it was loaded is counted as refused', async () => {
    const { cache } = setUp()
    let arrive = (): void => {}
    const load = cache.cached(() => new Promise<void>((resolve) => (arrive = resolve)).then(() => 1), { name: 'load' })
    const one = load()
    await turn()
    await load.invalidate()
    arrive()
    await one
    expect(cache.stats()).toMatchObject({ ...none, misses: 1, loads: 1, refused: 1, entries: 0 })
  })

  test('what the store drops on its own is counted, what was invalidated is not', async () => {
    const { cache } = setUp({ maxEntries: 2 })
    const load = cache.cached(async (id: number) => id, { name: 'load' })
    for (const id of [1, 2, 3, 4]) await load(id)
    await load.invalidate(4)
    expect(cache.stats()).toMatchObject({ evictions: 2, entries: 1 })
  })

  test('a wait for the load of another process is counted', async () => {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const [one, other] = [1, 2].map(() => createCache({ namespace: 'test', clock, store: server.connect({ clock }) }))
    let arrive = (): void => {}
    const slow = one!.cached(() => new Promise<void>((resolve) => (arrive = resolve)).then(() => 1), { name: 'load' })
    const waiting = other!.cached(async () => 2, { name: 'load' })
    const first = slow()
    await turn()
    const second = waiting()
    await turn()
    arrive()
    expect(await Promise.all([first, second])).toEqual([1, 1])
    expect(one!.stats()).toMatchObject({ ...none, misses: 1, loads: 1 })
    expect(other!.stats()).toMatchObject({ ...none, hits: 1, waits: 1 })
  })

  test('hits, stale hits and misses are all reads', async () => {
    const { cache, clock } = setUp()
    const load = cache.cached(async (id: number) => id, { name: 'load', ttl: '1s', staleWhileRevalidate: '1s' })
    let reads = 0
    for (let i = 0; i < 200; i++) {
      const callers = 1 + (i % 3)
      reads += callers
      await Promise.all(Array.from({ length: callers }, () => load(i % 2)))
      await turn()
      clock.advance((i % 5) * 300)
    }
    const { hits, staleHits, misses } = cache.stats()
    expect(hits + staleHits + misses).toBe(reads)
    expect(Math.min(hits, staleHits, misses)).toBeGreaterThan(5)
  })

  test('peek is not counted', async () => {
    const { cache } = setUp()
    const load = cache.cached(async () => 1, { name: 'load' })
    await load.peek()
    await load()
    await load.peek()
    expect(cache.stats()).toMatchObject({ ...none, misses: 1, loads: 1 })
  })

  test('reads by key are counted without a name', async () => {
    const { cache } = setUp()
    await cache.get('a')
    await cache.set('a', 1)
    await cache.get('a')
    await cache.getOrLoad('b', () => 2)
    await cache.getOrLoad('b', () => 3)
    expect(cache.stats().names['']).toMatchObject({ ...none, hits: 2, misses: 2, loads: 1 })
  })
})

describe('names', () => {
  test('each wrapped function has its own counts, and all together are the counts of the cache', async () => {
    const { cache } = setUp()
    const one = cache.cached(async () => 1, { name: 'one', version: 3 })
    const two = cache.cached(async (id: number) => id, { name: 'two' })
    await one()
    await one()
    for (const id of [1, 2, 3]) await two(id)
    const stats = cache.stats()
    expect(stats.names['one']).toMatchObject({ ...none, hits: 1, misses: 1, loads: 1 })
    expect(stats.names['two']).toMatchObject({ ...none, misses: 3, loads: 3 })
    expect(stats).toMatchObject({ ...none, hits: 1, misses: 4, loads: 4 })
    expect(stats.loadTime.count).toBe(4)
  })

  test('a name that every object inherits is a name like others', async () => {
    const { cache } = setUp()
    const load = cache.cached(async () => 1, { name: 'constructor' })
    await load()
    expect(cache.stats().names['constructor']).toMatchObject({ misses: 1 })
  })

  test('every count of every name is in the sum', () => {
    const stats = createStats(() => () => {})
    const counts = fc.array(fc.nat({ max: 1000 }), { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(counts, (values) => {
        for (const [i, name] of Object.keys(none).entries()) {
          stats.of('a')[name as keyof typeof none] = values[i]!
          stats.of('b')[name as keyof typeof none] = values[8 - i]!
        }
        const snapshot = stats.snapshot(undefined)
        for (const [i, name] of Object.keys(none).entries()) {
          expect(snapshot[name as keyof typeof none]).toBe(values[i]! + values[8 - i]!)
        }
      }),
    )
  })
})

describe('a snapshot', () => {
  test('is a copy that goes on neither by itself nor in the cache', async () => {
    const { cache } = setUp()
    const load = cache.cached(async () => 1, { name: 'load' })
    await load()
    const before = cache.stats()
    const copy = structuredClone(before)
    await load()
    expect(before).toEqual(copy)
    const names = before.names as unknown as Record<string, { misses: number; loadTime: { buckets: number[] } }>
    names['load']!.misses = 99
    names['load']!.loadTime.buckets[0] = 99
    ;(before.loadTime.buckets as number[])[0] = 99
    expect(cache.stats()).toMatchObject({ misses: 1, names: { load: { misses: 1 } } })
    expect(cache.stats().loadTime.buckets[0]).toBe(1)
    expect(cache.stats().names['load']!.loadTime.buckets[0]).toBe(1)
  })

  test('is plain data that can be sent anywhere', async () => {
    const { cache } = setUp()
    await cache.cached(async () => 1, { name: 'load' })()
    const stats = cache.stats()
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats)
  })

  test('has the entries and bytes of the local store, and zeros where there is none', async () => {
    const { cache } = setUp()
    await cache.set('a', 'x'.repeat(1000))
    expect(cache.stats().entries).toBe(1)
    expect(cache.stats().bytes).toBeGreaterThan(1000)
    const remote = createCache({ namespace: 'test', store: createReferenceServer().connect() })
    await remote.set('a', 1)
    expect(remote.stats()).toMatchObject({ entries: 0, bytes: 0 })
    await remote.close()
  })
})

describe('load times', () => {
  const counted = (...durations: readonly number[]) => {
    const stats = createStats(() => () => {})
    for (const duration of durations) countLoad(stats.of('a'), duration)
    return stats.snapshot(undefined).loadTime
  }

  test('bucket i counts loads below 2^i milliseconds and not below the bucket before', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 40_000, noNaN: true }), (duration) => {
        const bucket = counted(duration).buckets.indexOf(1)
        expect(duration).toBeLessThan(2 ** bucket)
        if (bucket > 0) expect(duration).toBeGreaterThanOrEqual(2 ** (bucket - 1))
      }),
      { numRuns: 2000 },
    )
  })

  test('every power of two is in the bucket that begins with it', () => {
    for (let i = 0; i < 16; i++) {
      expect(counted(2 ** i).buckets.indexOf(1)).toBe(i + 1)
      expect(counted(2 ** i * 0.999).buckets.indexOf(1)).toBe(i)
    }
  })

  test('the last bucket takes the rest', () => {
    for (const duration of [65_536, 1e6, 1e12, Infinity]) expect(counted(duration).buckets.indexOf(1)).toBe(16)
    expect(counted(65_536).buckets).toHaveLength(17)
  })

  test('count, total and maximum are those of all loads', () => {
    const { count, total, max, buckets } = counted(1, 3, 3, 100)
    expect({ count, total, max }).toEqual({ count: 4, total: 107, max: 100 })
    expect(buckets.reduce((sum, n) => sum + n)).toBe(4)
  })

  test('the sum over all names has the greatest maximum', () => {
    const stats = createStats(() => () => {})
    countLoad(stats.of('a'), 100)
    countLoad(stats.of('b'), 5)
    expect(stats.snapshot(undefined).loadTime).toMatchObject({ count: 2, total: 105, max: 100 })
  })

  test('a load is timed from its start to its end', async () => {
    const { cache, clock } = setUp()
    const load = cache.cached(
      async () => {
        clock.advance(300)
        return 1
      },
      { name: 'load' },
    )
    await load()
    expect(cache.stats().loadTime).toMatchObject({ count: 1, total: 300, max: 300 })
    expect(cache.stats().loadTime.buckets[9]).toBe(1)
  })
})

test('a value that was set and stored while the bus was not complete is counted as stored', async () => {
  const { cache, connection, hold } = createWorld('local and remote').start()
  const answer = hold('put reply')
  const setting = cache.set('key', 1)
  await answer.reached
  connection.disconnectBus()
  connection.reconnectBus()
  await turn()
  answer.letGo()
  expect(await setting).toEqual({ local: true, remote: 'done' })
  expect(cache.stats()).toMatchObject({ commits: 1, refused: 0 })
  expect(await cache.get('key')).toBe(1)
  await cache.close()
})
