import { fakeClock } from '@shelflife/conformance'
import type { Cached } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import type { Source } from './deferred.ts'
import { createSource, quiet, soon } from './deferred.ts'
import type { ProcessOptions, World } from './set-ups.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'

const LEASE = 3000
const CALLERS = 20

const callers = <T>(call: () => Promise<T>): Promise<T>[] => Array.from({ length: CALLERS }, () => call())

describe.each(setUps)('P2 in one process, %s', (setUp) => {
  function setUpOne<T = string>(options: ProcessOptions<never> = {}) {
    const world = createWorld(setUp)
    return { ...world, ...world.start(options), source: createSource<T>() }
  }

  test('many callers of one cold key cause one load and get its value', async () => {
    const { cache, source } = setUpOne()
    const get = cache.cached(source.load, { name: 'value' })
    const early = callers(get)
    await quiet()
    const late = callers(get)
    await quiet()
    source.runs[0]?.resolve('value')
    expect(new Set(await Promise.all([...early, ...late]))).toEqual(new Set(['value']))
    await get()
    expect(source.runs).toHaveLength(1)
  })

  test('callers of different keys do not wait for each other', async () => {
    const { cache, source } = setUpOne()
    const get = cache.cached((_id: number) => source.load(), { name: 'value' })
    const calls = [get(1), get(2)]
    await quiet()
    source.runs[1]?.resolve('two')
    expect(await calls[1]).toBe('two')
    source.runs[0]?.resolve('one')
    expect(await calls[0]).toBe('one')
  })

  test('getOrLoad of one key in two views of a namespace is one load', async () => {
    const { cache, source } = setUpOne()
    const calls = callers(() => cache.namespace('tenant').getOrLoad('key', source.load))
    await quiet()
    source.runs[0]?.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(source.runs).toHaveLength(1)
  })

  test('a load that may take longer than others of its cache is stored, and is one, however short its value lives', async () => {
    const { cache, source, clock } = setUpOne({ hardTimeout: '1s' })
    const options = { ttl: '1s', hardTimeout: '1m', tags: ['slow'], staleWhileRevalidate: 0, staleIfError: 0 } as const
    const get = cache.cached(source.load, { name: 'value', ...options })
    const calls = callers(get)
    for (let i = 0; i < 30; i++) {
      await quiet()
      clock.advance(1000)
    }
    source.runs[0]?.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(cache.stats()).toMatchObject({ loads: 1, commits: 1 })
    expect(await get.read()).toMatchObject({ value: 'value', outcome: 'hit' })
  })

  test('a failing load is shared by those who wait for it, and its error is the same for all', async () => {
    const { cache, source } = setUpOne()
    const get = cache.cached(source.load, { name: 'value' })
    const results = callers(() => get().catch((error: unknown) => error))
    await quiet()
    const failure = new Error('source is down')
    source.runs[0]?.reject(failure)
    expect(new Set(await Promise.all(results))).toEqual(new Set([failure]))
    expect(source.runs).toHaveLength(1)
  })

  test('a key whose load failed is not locked: the next caller loads at once', async () => {
    const { cache, source } = setUpOne()
    const get = cache.cached(source.load, { name: 'value' })
    const first = get().catch(() => 'failed')
    await quiet()
    source.runs[0]?.reject(new Error('source is down'))
    await first
    const second = get()
    await quiet()
    source.runs[1]?.resolve('value')
    expect(await second).toBe('value')
  })

  test('a ttl shorter than the load does not make every caller load', async () => {
    const { cache, clock, source } = setUpOne()
    const get = cache.cached(source.load, { name: 'value', ttl: 10, staleWhileRevalidate: 0, staleIfError: 0 })
    const calls: Promise<string>[] = []
    for (let i = 0; i < 10; i++) {
      calls.push(get())
      await quiet()
      clock.advance(100)
    }
    source.runs[0]?.resolve('value')
    await quiet()
    expect(source.runs).toHaveLength(1)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
  })

  test.for([
    ['undefined', undefined],
    ...(setUp === 'local' ? [] : [['a value that the codec cannot carry', new Date(0)] as const]),
  ] as const)('%s is not cached, but those who ask at the same time share it', async ([, value]) => {
    const { cache, source } = setUpOne<unknown>()
    const get = cache.cached(source.load, { name: 'value' })
    const calls = callers(get)
    await quiet()
    source.runs[0]?.resolve(value)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: CALLERS }, () => value))
    expect(source.runs).toHaveLength(1)
    const next = get()
    await quiet()
    source.runs[1]?.resolve(value)
    expect(await next).toEqual(value)
  })

  test('a value that the loader asks not to keep is shared by those who ask at the same time, and not kept', async () => {
    const { cache, source } = setUpOne()
    const get = cache.cached(
      (context) => {
        context.skip()
        return source.load()
      },
      { name: 'value', context: true },
    )
    const calls = callers(get)
    await quiet()
    source.runs[0]?.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(source.runs).toHaveLength(1)
    expect(await get.peek()).toBeUndefined()
  })

  test('a stale value is served to all callers, and there is one refresh', async () => {
    const { cache, clock, source } = setUpOne()
    const get = cache.cached(source.load, { name: 'value', ttl: '1m', staleWhileRevalidate: '1h' })
    await get.set('old')
    clock.advance(60_000)
    expect(new Set(await Promise.all(callers(get)))).toEqual(new Set(['old']))
    await quiet()
    expect(await soon(get())).toBe('old')
    expect(source.runs).toHaveLength(1)
    source.runs[0]?.resolve('new')
    await quiet()
    expect(new Set(await Promise.all(callers(get)))).toEqual(new Set(['new']))
    expect(source.runs).toHaveLength(1)
  })
})

type Get = Cached<[], string>

describe.each(withRemote)('P2 across processes, %s', (setUp) => {
  interface Loading extends Source<string> {
    readonly gets: readonly [Get, Get, Get]
    readonly world: World
    crash(process: number): void
  }

  function startThree(options: Parameters<World['start']>[0] & { readonly ttl?: number } = {}): Loading {
    const { ttl = 60_000, ...rest } = options
    const world = createWorld(setUp)
    const source = createSource()
    const processes = [0, 1, 2].map(() => world.start(rest))
    const lifetime = { ttl, staleWhileRevalidate: '1h', staleIfError: '1h', jitter: 0 } as const
    const gets = processes.map(({ cache }) => cache.cached(source.load, { name: 'value', ...lifetime }))
    return {
      ...source,
      gets: gets as unknown as Loading['gets'],
      world,
      crash: (process) => processes[process]?.crash(),
    }
  }
  const settled = async (world: World, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      world.clock.advance(100)
      await quiet()
    }
  }

  test('one load altogether, however many ask in however many processes', async () => {
    const { gets, runs, world } = startThree()
    const calls = gets.flatMap((get) => callers(get))
    await quiet()
    runs[0]?.resolve('value')
    await settled(world, LEASE)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(runs).toHaveLength(1)
  })

  test('who waits elsewhere has the value as soon as it is there', async () => {
    const { gets, runs } = startThree()
    const calls = gets.map((get) => get())
    await quiet()
    runs[0]?.resolve('value')
    expect(await Promise.all(calls)).toEqual(['value', 'value', 'value'])
  })

  test('a load that takes many times longer than its lease stays the only one', async () => {
    const { gets, runs, world } = startThree()
    const calls = [gets[0]()]
    await quiet()
    for (let i = 0; i < 10; i++) {
      calls.push(gets[1](), gets[2]())
      await settled(world, LEASE)
    }
    expect(runs).toHaveLength(1)
    runs[0]?.resolve('value')
    await settled(world, LEASE)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(runs).toHaveLength(1)
  })

  test('a process that crashes while it loads keeps the others waiting for its lease at the longest', async () => {
    const { gets, runs, world, crash } = startThree()
    void gets[0]()
    await quiet()
    crash(0)
    const calls = [gets[1](), gets[2]()]
    await settled(world, LEASE - 100)
    expect(runs).toHaveLength(1)
    await settled(world, 100)
    expect(runs).toHaveLength(2)
    runs[1]?.resolve('value')
    expect(await Promise.all(calls)).toEqual(['value', 'value'])
  })

  test('a commit that arrives after the lease has ended and somebody else has loaded replaces nothing', async () => {
    const { gets, runs, world } = startThree()
    const { cache, hold } = world.start()
    const late = cache.cached(async () => 'late', { name: 'value' })
    const held = hold('commit request')
    const first = late()
    await held.reached
    const call = gets[0]()
    await settled(world, LEASE)
    runs[0]?.resolve('new')
    expect(await call).toBe('new')
    held.letGo()
    expect(await first).toBe('late')
    expect(await late()).toBe('new')
    expect(await gets[1]()).toBe('new')
  })

  test('a failing load costs each process one load at the most and no queueing', async () => {
    const { gets, runs } = startThree()
    const calls = gets.flatMap((get) => callers(() => get().catch(String)))
    await quiet()
    const failure = new Error('source is down')
    runs[0]?.reject(failure)
    await quiet()
    // the others begin side by side, without waiting for each other
    expect(runs).toHaveLength(3)
    for (const run of runs) run.reject(failure)
    expect(new Set(await Promise.all(calls))).toEqual(new Set([String(failure)]))
    expect(runs).toHaveLength(3)
  })

  test('who has a stale value does not wait for a load in another process', async () => {
    const { gets, runs, world } = startThree()
    await gets[0].set('old')
    for (const get of gets) await get()
    world.clock.advance(60_000)
    for (const get of gets) expect(await soon(get())).toBe('old')
    await quiet()
    for (const get of gets) expect(await soon(get())).toBe('old')
    expect(runs).toHaveLength(1)
    runs[0]?.resolve('new')
    await quiet()
    for (const get of gets) await get()
    await quiet()
    for (const get of gets) expect(await get()).toBe('new')
    expect(runs).toHaveLength(1)
  })

  test('a ttl shorter than the load is one load for those who waited meanwhile', async () => {
    const { gets, runs, world } = startThree({ ttl: 10 })
    const calls = gets.flatMap((get) => callers(get))
    await quiet()
    await settled(world, 2 * LEASE)
    runs[0]?.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(runs).toHaveLength(1)
  })

  test('without leases each process loads once', async () => {
    const { gets, runs } = startThree({ leases: false })
    const calls = gets.flatMap((get) => callers(get))
    await quiet()
    expect(runs).toHaveLength(3)
    for (const run of runs) run.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    expect(runs).toHaveLength(3)
  })

  test('without leases an uncacheable value is shared by those who ask at the same time too', async () => {
    const { cache } = createWorld(setUp).start({ leases: false })
    const { load, runs } = createSource<undefined>()
    const get = cache.cached(load, { name: 'value' })
    const calls = callers(get)
    await quiet()
    for (let i = 0; i < runs.length; i++) {
      runs[i]?.resolve(undefined)
      await quiet()
    }
    await Promise.all(calls)
    expect(runs).toHaveLength(1)
  })

  test('nothing is left behind: no wait, no timer and no lease', async () => {
    const { gets, runs, world } = startThree({ bus: false })
    const calls = gets.map((get) => get())
    await quiet()
    runs[0]?.resolve('value')
    await Promise.all(calls)
    await quiet()
    // the sweep of each local store
    expect(world.clock.pending()).toBe(setUp === 'remote' ? 0 : 3)
  })
})

describe('a load that a runtime ended together with the request that began it', () => {
  /** Its timers have ended too. */
  function setUpDying() {
    const fake = fakeClock()
    const clock = { now: fake.now, after: () => () => {} }
    const cache = createCache({ namespace: 'edge', store: memoryStore({ clock }), clock })
    return { cache, source: createSource(), pass: (ms: number) => fake.advance(ms) }
  }

  test('does not keep its key for ever', async () => {
    const { cache, source, pass } = setUpDying()
    const get = cache.cached(source.load, { name: 'value', ttl: '1m', hardTimeout: '30s' })
    void get()
    await quiet()
    pass(69_999)
    void get()
    await quiet()
    expect(source.runs).toHaveLength(1)
    pass(1)
    const calls = callers(get)
    await quiet()
    expect(source.runs).toHaveLength(2)
    source.runs[1]?.resolve('value')
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
    // if it was not ended after all, it is one that nobody waits for
    source.runs[0]?.resolve('old')
    await quiet()
    expect(await get()).toBe('value')
    expect(source.runs).toHaveLength(2)
  })

  test('does not keep others from refreshing', async () => {
    const { cache, source, pass } = setUpDying()
    const get = cache.cached(source.load, { name: 'value', ttl: '1s', staleWhileRevalidate: '1h', hardTimeout: '30s' })
    await get.set('stale')
    for (const runs of [1, 1, 2]) {
      pass(40_000)
      expect(await get()).toBe('stale')
      await quiet()
      expect(source.runs).toHaveLength(runs)
    }
  })
})
