import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Cache, Cached, LifetimeOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import type { Deferred } from './deferred.ts'
import { deferred, quiet } from './deferred.ts'
import { faults, faultyStore, pass } from './faulty-store.ts'
import type { ProcessOptions } from './set-ups.ts'
import { createWorld, withRemote } from './set-ups.ts'

type Get = Cached<[id: number], number>

const MAX_DRIFT = 1000
const LIFETIME: LifetimeOptions = { ttl: '1m', staleWhileRevalidate: '1h', staleIfError: '1h', jitter: 0 }

/** What one process does about `get(1)`; a value that is set is `newer` than any that was loaded. */
const acts: readonly (readonly [what: string, act: (cache: Cache, get: Get, newer: () => number) => unknown])[] = [
  ['invalidate', (_cache, get) => get.invalidate(1)],
  ['invalidateTags', (cache) => cache.invalidateTags(['catalog/tv'])],
  ['invalidateTags of a path above', (cache) => cache.invalidateTags(['catalog'])],
  ['invalidateTags of a tag named during the load', (cache) => cache.invalidateTags(['late'])],
  ['clear', (cache) => cache.clear()],
  ['set', (_cache, get, newer) => get.set(newer(), 1)],
]

/** Two processes. Values tell when they began: a load runs until `ends` lets it, and then gives its number. */
function setUpTwo(setUp: (typeof withRemote)[number], options: ProcessOptions<never>, lifetime = LIFETIME) {
  const world = createWorld(setUp)
  const [here, there] = [world.start(options), world.start(options)]
  const held: Deferred<void>[] = []
  let begun = 0
  let isHolding = false
  const wrap = (cache: Cache): Get =>
    cache.cached(
      async (context, _id: number) => {
        const value = ++begun
        context.tag('late')
        if (isHolding) await held[held.push(deferred()) - 1]?.promise
        return value
      },
      { name: 'product', context: true, tags: () => ['catalog/tv'], ...lifetime },
    )
  const [get, getThere] = [wrap(here.cache), wrap(there.cache)]
  return {
    ...world,
    here,
    there,
    get,
    getThere,
    held,
    newer: () => ++begun,
    begun: () => begun,
    /** From now on loads are held up, or no longer. */
    holdLoads(on: 'from now on' | 'no longer') {
      isHolding = on === 'from now on'
    },
  }
}

describe.each(withRemote)('P1 across processes, %s', (setUp) => {
  describe.each([
    ['with a bus', { bus: true }],
    ['without a bus', { bus: false }],
  ])('%s', (_how, options) => {
    test.each(acts)('%s elsewhere: what is cached here is not served any more', async (_what, act) => {
      const { get, getThere, there, clock, begun, newer } = setUpTwo(setUp, options)
      await getThere(1)
      await get(1)
      const floor = begun()
      await act(there.cache, getThere, newer)
      await quiet()
      if (setUp !== 'remote' && !options.bus) clock.advance(MAX_DRIFT)
      expect(await get(1)).toBeGreaterThan(floor)
      expect(await get(1)).toBeGreaterThan(floor)
      expect(await getThere(1)).toBeGreaterThan(floor)
    })

    test.each(acts)('%s elsewhere: a load that was running here leaves nothing behind', async (_what, act) => {
      const { get, getThere, there, held, begun, newer, holdLoads } = setUpTwo(setUp, options)
      holdLoads('from now on')
      const first = get(1)
      await quiet()
      const floor = begun()
      await act(there.cache, getThere, newer)
      holdLoads('no longer')
      held[0]?.resolve()
      await first
      expect(await getThere(1)).toBeGreaterThan(floor)
      expect(await get(1)).toBeGreaterThan(floor)
    })

    test.each(acts)('%s elsewhere: who joins a load afterwards does not keep its value', async (_what, act) => {
      const { get, getThere, there, held, begun, newer, holdLoads } = setUpTwo(setUp, options)
      holdLoads('from now on')
      const first = get(1)
      await quiet()
      const floor = begun()
      await act(there.cache, getThere, newer)
      const [second, third] = [get(1), get.read(1)]
      await quiet()
      holdLoads('no longer')
      for (const one of held) one.resolve()
      await first
      expect(await second).toBeGreaterThan(floor)
      expect((await third).value).toBeGreaterThan(floor)
    })

    test.each(acts)('%s elsewhere during a background refresh here: it leaves nothing behind', async (_what, act) => {
      const { get, getThere, there, clock, held, begun, newer, holdLoads } = setUpTwo(setUp, options)
      await get(1)
      clock.advance(61_000)
      holdLoads('from now on')
      await get(1)
      await quiet()
      const floor = begun()
      await act(there.cache, getThere, newer)
      holdLoads('no longer')
      for (const one of held) one.resolve()
      await quiet()
      if (setUp !== 'remote') clock.advance(MAX_DRIFT)
      expect(await get(1)).toBeGreaterThan(floor)
    })

    test.each(acts)('%s elsewhere: an old value in the place of an error goes to nobody later', async (_, act) => {
      const { here, there, clock } = setUpTwo(setUp, options)
      const value = { now: 1 }
      const load = deferred<number>()
      const wrap = (cache: Cache, run: () => Promise<number>): Get =>
        cache.cached(
          (context, _id: number) => {
            context.tag('late')
            return run()
          },
          { name: 'failing', context: true, tags: () => ['catalog/tv'], ...LIFETIME, staleWhileRevalidate: 0 },
        )
      const get = wrap(here.cache, () => load.promise)
      const getThere = wrap(there.cache, async () => value.now)
      await getThere(1)
      clock.advance(60_000)
      const first = get(1)
      await quiet()
      await act(there.cache, getThere, () => 2)
      const second = get(1)
      await quiet()
      load.reject(new Error('source is down'))
      await first.catch(() => {})
      expect(await second.catch(() => 2)).toBe(2)
    })

    test.each([
      ['invalidateTags', (cache: Cache) => cache.invalidateTags(['catalog'])],
      ['clear', (cache: Cache) => cache.clear()],
    ] as const)('%s elsewhere counts for riders also where no tag is named during the load', async (_what, act) => {
      const { here, there } = setUpTwo(setUp, options)
      const gate = deferred()
      let begun = 0
      const get = here.cache.cached(
        async () => {
          const value = ++begun
          await gate.promise
          return value
        },
        { name: 'early', tags: ['catalog/tv'], ...LIFETIME },
      )
      const first = get()
      await quiet()
      await act(there.cache)
      const second = get()
      await quiet()
      gate.resolve()
      expect([await first, await second]).toEqual([1, 2])
    })

    test('an uncacheable value is not given to those who joined after an invalidation elsewhere', async () => {
      for (const tag of ['catalog', 'late']) {
        const { here, there, clock } = setUpTwo(setUp, options)
        const gate = deferred()
        let begun = 0
        const get = here.cache.cached(
          async (context) => {
            const value = ++begun
            context.tag('late')
            context.skip()
            await gate.promise
            return value
          },
          { name: 'skipping', context: true, tags: ['catalog/tv'] },
        )
        const first = get()
        await quiet()
        await there.cache.invalidateTags([tag])
        if (setUp !== 'remote') clock.advance(MAX_DRIFT)
        const second = get()
        await quiet()
        gate.resolve()
        expect([await first, await second]).toEqual([1, 2])
      }
    })
  })

  test.each(acts)(
    '%s elsewhere: a record that was being read here is given to nobody who asks later',
    async (_, act) => {
      const { get, getThere, here, there, begun, newer } = setUpTwo(setUp, { bus: true })
      await getThere(1)
      const held = here.hold('read reply')
      const first = get(1)
      await held.reached
      const floor = begun()
      await act(there.cache, getThere, newer)
      const second = get(1)
      await quiet()
      held.letGo()
      await first
      expect(await second).toBeGreaterThan(floor)
      expect(await get(1)).toBeGreaterThan(floor)
    },
  )

  test.each(acts)('%s while two processes load without leases: neither keeps what it loaded', async (_, act) => {
    const { get, getThere, there, held, begun, newer, holdLoads } = setUpTwo(setUp, { leases: false })
    holdLoads('from now on')
    const first = [get(1), getThere(1)]
    await quiet()
    expect(held).toHaveLength(2)
    const floor = begun()
    await act(there.cache, getThere, newer)
    holdLoads('no longer')
    for (const one of held) one.resolve()
    await Promise.all(first)
    expect(await get(1)).toBeGreaterThan(floor)
    expect(await getThere(1)).toBeGreaterThan(floor)
  })

  test.each(acts)('%s here counts here at once, although the bus has not brought anything', async (_, act) => {
    const { get, here, begun, newer } = setUpTwo(setUp, { bus: true })
    await get(1)
    here.connection.disconnectBus()
    const floor = begun()
    await act(here.cache, get, newer)
    expect(await get(1)).toBeGreaterThan(floor)
  })

  test('expire elsewhere: the old value is served here while it is refreshed, once', async () => {
    for (const expire of [(cache: Cache) => cache.expireTags(['catalog']), (_: Cache, get: Get) => get.expire(1)]) {
      const { get, getThere, there, begun } = setUpTwo(setUp, { bus: true })
      await getThere(1)
      await get(1)
      await expire(there.cache, getThere)
      await quiet()
      expect(await get.read(1)).toMatchObject({ value: 1, outcome: 'stale' })
      await quiet()
      expect(await get.read(1)).toMatchObject({ value: 2, outcome: 'hit' })
      expect(begun()).toBe(2)
    }
  })
})

test.each(acts)('P1: %s elsewhere whose message is lost is seen within maxDrift', async (_, act) => {
  const { get, getThere, here, there, clock, begun, newer } = setUpTwo('local and remote', { bus: true })
  await getThere(1)
  await get(1)
  here.connection.disconnectBus()
  const floor = begun()
  await act(there.cache, getThere, newer)
  clock.advance(MAX_DRIFT - 1)
  expect(await get(1)).toBe(1)
  clock.advance(1)
  expect(await get(1)).toBeGreaterThan(floor)
})

test('P1: a load begun while the store missed one deadline is not given to those who came after an invalidation', async () => {
  const clock = fakeClock(100_000)
  const server = createReferenceServer({ clock })
  const { store, fail, heal } = faultyStore(server.connect({ clock }))
  const here = createCache({ namespace: 'shop', store, clock })
  const there = createCache({ namespace: 'shop', store: server.connect({ clock }), clock })
  const source = { version: 1 }
  const load = async (): Promise<number> => {
    const { version } = source
    await new Promise<void>((resolve) => void clock.after(300, resolve))
    return version
  }
  const [get, getThere] = [here.cached(load, { name: 'product' }), there.cached(load, { name: 'product' })]

  fail(faults.hangs, ['read'])
  const first = get()
  await pass(clock, 150)
  heal()
  source.version = 2
  expect(await getThere.invalidate()).toMatchObject({ remote: 'done' })
  const second = get()
  await pass(clock, 1000)
  expect(await first).toBe(1)
  expect(await second).toBe(2)
})
