import type { Cache, Cached, LifetimeOptions } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { createSource, pending, quiet, soon } from './deferred.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'

type Get = Cached<[id: number], string>
type Act = (cache: Cache, get: Get) => Promise<unknown>

/** What makes everything void that is cached or loading under `get(1)`. */
const invalidations: readonly (readonly [what: string, act: Act])[] = [
  ['invalidate', (_cache, get) => get.invalidate(1)],
  ['invalidateTags', (cache) => cache.invalidateTags(['catalog/tv'])],
  ['invalidateTags of a path above', (cache) => cache.invalidateTags(['catalog'])],
  ['invalidateTags of a tag named during the load', (cache) => cache.invalidateTags(['late'])],
  ['clear', (cache) => cache.clear()],
]
const expiries: readonly (readonly [what: string, act: Act])[] = [
  ['expire', (_cache, get) => get.expire(1)],
  ['expireTags', (cache) => cache.expireTags(['catalog'])],
]

const LIFETIME: LifetimeOptions = { ttl: '1m', staleWhileRevalidate: '1h', staleIfError: '1h', jitter: 0 }

function wrap(cache: Cache, load: () => Promise<string>, lifetime: LifetimeOptions = LIFETIME): Get {
  return cache.cached(
    (context, _id: number) => {
      context.tag('late')
      return load()
    },
    { name: 'product', context: true, tags: () => ['catalog/tv'], ...lifetime },
  )
}

describe.each(setUps)('P1, %s', (setUp) => {
  function setUpOne(lifetime = LIFETIME) {
    const world = createWorld(setUp)
    const process = world.start()
    const source = createSource()
    const get = wrap(process.cache, source.load, lifetime)
    /** The value of a call for which the source answers `value` if it is asked. */
    async function answered(value: string): Promise<string> {
      const before = source.runs.length
      const call = get(1)
      await quiet()
      for (const run of source.runs.slice(before)) run.resolve(value)
      return call
    }
    return { ...world, ...process, source, get, answered, runs: source.runs }
  }

  describe.each(invalidations)('%s', (what, act) => {
    test('leaves nothing behind of what is cached', async () => {
      const { cache, get, answered } = setUpOne()
      await answered('old')
      await act(cache, get)
      expect(await get.peek(1)).toBeUndefined()
      expect(await answered('new')).toBe('new')
      expect(await get(1)).toBe('new')
    })

    test('during a load leaves nothing behind of the load', async () => {
      const { cache, get, answered, runs } = setUpOne()
      const first = get(1)
      await quiet()
      await act(cache, get)
      runs[0]?.resolve('old')
      expect(await first).toBe('old')
      expect(await get.peek(1)).toBeUndefined()
      expect(await answered('new')).toBe('new')
    })

    test('those who joined the load before do not keep its value either', async () => {
      const { cache, get, runs } = setUpOne()
      const [first, joined, joinedToo] = [get(1), get(1), get(1)]
      await quiet()
      await act(cache, get)
      runs[0]?.resolve('old')
      await quiet()
      runs[1]?.resolve('new')
      expect(await Promise.all([first, joined, joinedToo])).toEqual(['old', 'new', 'new'])
      expect(runs).toHaveLength(2)
    })

    test('who calls afterwards is not given the value of the running load, however late it ends', async () => {
      const { cache, get, runs } = setUpOne()
      const first = get(1)
      await quiet()
      await act(cache, get)
      const second = get(1)
      await quiet()
      // a tag may not be named yet, and with a lease the new load may have to wait for the old one
      if (setUp === 'local' && !what.includes('during')) expect(runs).toHaveLength(2)
      if (runs.length === 2) runs[1]?.resolve('new')
      await quiet()
      runs[0]?.resolve('old')
      await first
      await quiet()
      runs[1]?.resolve('new')
      expect(await second).toBe('new')
      expect(await get(1)).toBe('new')
      expect(runs).toHaveLength(2)
    })

    test('during a background refresh leaves nothing behind of it', async () => {
      const { cache, get, clock, answered, runs } = setUpOne()
      await answered('oldest')
      clock.advance(61_000)
      expect(await get(1)).toBe('oldest')
      await quiet()
      expect(runs).toHaveLength(2)
      await act(cache, get)
      runs[1]?.resolve('old')
      await quiet()
      expect(await get.peek(1)).toBeUndefined()
      expect(await answered('new')).toBe('new')
    })

    test('an old value that takes the place of an error is not given to who calls afterwards', async () => {
      const { cache, get, clock, answered, runs } = setUpOne({ ...LIFETIME, staleWhileRevalidate: 0 })
      await answered('oldest')
      clock.advance(60_000)
      const first = get(1)
      await quiet()
      await act(cache, get)
      const second = get(1)
      await quiet()
      runs[1]?.reject(new Error('source is down'))
      expect(await first.catch(String)).toMatch(/oldest|source is down/)
      await quiet()
      runs[2]?.resolve('new')
      expect(await second).toBe('new')
      expect(await get(1)).toBe('new')
    })
  })

  describe.each(expiries)('%s', (_what, act) => {
    test('during a load: what it loaded is not taken for fresh', async () => {
      const { cache, get, runs, answered } = setUpOne()
      const first = get(1)
      await quiet()
      await act(cache, get)
      runs[0]?.resolve('old')
      expect(await first).toBe('old')
      expect(['old', 'new']).toContain(await answered('new'))
      await quiet()
      expect(runs).toHaveLength(2)
      expect(await get(1)).toBe('new')
    })

    test('who joined the load before may keep its value, who calls afterwards causes another', async () => {
      const { cache, get, runs } = setUpOne()
      const before = [get(1), get(1)]
      await quiet()
      await act(cache, get)
      const after = get(1)
      await quiet()
      runs[0]?.resolve('old')
      await quiet()
      for (const run of runs.slice(1)) run.resolve('new')
      await Promise.all([...before, after])
      expect(runs.length).toBeGreaterThan(1)
      await quiet()
      expect(await get(1)).toBe('new')
    })
  })

  test.each(['before', 'after'])('set: a load that ends %s it has been called replaces nothing', async (order) => {
    const { get, runs } = setUpOne()
    const first = get(1)
    const joined = get(1)
    await quiet()
    if (order === 'before') runs[0]?.resolve('old')
    await get.set('set', 1)
    expect(await get(1)).toBe('set')
    runs[0]?.resolve('old')
    expect(await first).toBe('old')
    await quiet()
    expect(await get(1)).toBe('set')
    expect(['old', 'set']).toContain(await joined)
    expect(runs).toHaveLength(1)
  })

  test('of two values that are set one after the other the second stays', async () => {
    const { get } = setUpOne()
    await Promise.all([get.set('first', 1), get.set('second', 1).then(() => get.set('third', 1))])
    expect(await get(1)).toBe('third')
  })

  test('refresh: a load that was running is fenced off, whichever ends first', async () => {
    for (const [last, first] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const { get, runs } = setUpOne()
      const old = get(1)
      await quiet()
      const refreshed = get.refresh(1)
      await quiet()
      expect(runs).toHaveLength(2)
      runs[first]?.resolve(first === 1 ? 'new' : 'old')
      await quiet()
      runs[last]?.resolve(last === 1 ? 'new' : 'old')
      expect([await old, await refreshed]).toEqual(['old', 'new'])
      await quiet()
      expect(await get(1)).toBe('new')
      expect(runs).toHaveLength(2)
    }
  })

  test('an invalidation during a refresh leaves nothing behind of it', async () => {
    const { get, runs, answered } = setUpOne()
    const refreshed = get.refresh(1)
    await quiet()
    await get.invalidate(1)
    runs[0]?.resolve('old')
    expect(await refreshed).toBe('old')
    expect(await answered('new')).toBe('new')
  })

  test('refresh that comes to nothing takes the old value away', async () => {
    const { cache } = setUpOne()
    let value: string | undefined = 'old'
    const get = cache.cached(async () => value, { name: 'vanishing' })
    await get()
    value = undefined
    expect(await get.refresh()).toBeUndefined()
    expect(await get.peek()).toBeUndefined()
  })
})

describe.each(withRemote)('P1, commands under way, %s', (setUp) => {
  async function setUpCached() {
    const world = createWorld(setUp)
    const other = wrap(world.start().cache, async () => 'old')
    const process = world.start()
    let value = 'old'
    const get = wrap(process.cache, async () => value)
    await other(1)
    value = 'new'
    return { ...world, ...process, get }
  }

  test.each([
    ...invalidations,
    ['set', (_cache: Cache, get: Get) => get.set('new', 1)] as const,
    ['refresh', (_cache: Cache, get: Get) => get.refresh(1)] as const,
  ])('%s: what was being read from the remote store is not kept and given to nobody who asks later', async (_, act) => {
    const { cache, get, hold } = await setUpCached()
    const held = hold('read reply')
    const first = get(1)
    await held.reached
    await act(cache, get)
    const second = get(1)
    await quiet()
    held.letGo()
    expect(await second).toBe('new')
    expect(['old', 'new']).toContain(await first)
    expect(await get(1)).toBe('new')
  })

  test.each(invalidations)('%s: peek and get keep nothing either that they were reading', async (_what, act) => {
    const { cache, get, hold } = await setUpCached()
    const held = hold('read reply')
    const peeked = get.peek(1)
    await held.reached
    await act(cache, get)
    held.letGo()
    await peeked
    expect(await get.peek(1)).toBeUndefined()
    expect(await get(1)).toBe('new')
  })

  test.each(
    invalidations.flatMap(([what, act]) =>
      ['commit request', 'commit reply', 'capture reply', 'open reply'].map((label) => [what, label, act] as const),
    ),
  )('%s while the %s is on its way leaves nothing behind', async (_what, label, act) => {
    const { cache, hold } = createWorld(setUp).start()
    let begun = 0
    const get = wrap(cache, async () => String(++begun))
    const held = hold(label)
    const first = get(1)
    await held.reached
    await act(cache, get)
    const floor = begun
    const second = get(1)
    await quiet()
    held.letGo()
    await first
    expect(Number(await second)).toBeGreaterThan(floor)
    expect(Number(await get(1))).toBeGreaterThan(floor)
  })

  test.each([
    ['invalidate request', invalidations[0]?.[1] as Act],
    ['invalidateTags request', invalidations[1]?.[1] as Act],
    ['invalidateTags request', invalidations[4]?.[1] as Act],
    ['open request', (_cache: Cache, get: Get) => get.set('new', 1)],
    ['put request', (_cache: Cache, get: Get) => get.set('new', 1)],
  ] as const)('what is read while the %s is on its way is not kept beyond it', async (label, act) => {
    const { cache, get, hold } = await setUpCached()
    const held = hold(label)
    const invalidated = act(cache, get)
    await held.reached
    expect(await soon(get(1))).not.toBe(pending)
    held.letGo()
    await invalidated
    expect(await get(1)).toBe('new')
  })

  test.each([
    ['invalidate request', invalidations[0]?.[1] as Act],
    ['invalidateTags request', invalidations[1]?.[1] as Act],
    ['invalidateTags request', invalidations[4]?.[1] as Act],
  ] as const)('what begins to load while the %s is on its way is not kept beyond it', async (label, act) => {
    const { cache, hold } = createWorld(setUp).start()
    const { load, runs } = createSource()
    const get = wrap(cache, load)
    const held = hold(label)
    const invalidated = act(cache, get)
    await held.reached
    const first = get(1)
    await quiet()
    held.letGo()
    await invalidated
    runs[0]?.resolve('old')
    await first
    expect(await get.peek(1)).toBeUndefined()
  })
})
