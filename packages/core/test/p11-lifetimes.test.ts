import type { Cache, CacheOptions, Cached, CachedOptions, LifetimeOptions, ValueOptions } from '@shelflife/core'
import { createReferenceServer } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { quiet } from './deferred.ts'
import type { ProcessOptions } from './set-ups.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'
import { thrown } from './thrown.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(setUps)('P11, %s', (setUp) => {
  /** A value that counts its loads. */
  function setUpOne(
    lifetime: LifetimeOptions & { readonly tier?: 'manual' | 'realtime'; readonly tags?: readonly string[] },
    options: ProcessOptions<never> = {},
  ) {
    const world = createWorld(setUp)
    // the heartbeats of days
    const { cache } = world.start({ bus: false, ...options })
    let loads = 0
    let isDown = false
    const get = cache.cached(
      async () => {
        loads++
        return isDown ? Promise.reject<number>(new Error('source is down')) : loads
      },
      { name: 'value', jitter: 0, staleWhileRevalidate: 0, staleIfError: 0, ...lifetime },
    )
    return { ...world, cache, get, loads: () => loads, fail: () => void (isDown = true) }
  }
  /** How a call is answered, with its refresh done. */
  async function outcomeOf(get: Cached<[], number>): Promise<string> {
    const { outcome } = await get.read()
    await quiet()
    return outcome
  }

  test('a value is fresh until ttl is over, to the millisecond', async () => {
    const { get, clock } = setUpOne({ ttl: MINUTE })
    await get()
    clock.advance(MINUTE - 1)
    expect(await get.read()).toMatchObject({ value: 1, outcome: 'hit', age: MINUTE - 1 })
    clock.advance(1)
    expect(await get.read()).toMatchObject({ value: 2, outcome: 'miss', age: 0 })
  })

  test('ttl begins when the load ends', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(() => new Promise<number>((resolve) => void clock.after(10 * SECOND, () => resolve(1))), {
      name: 'slow',
      ttl: MINUTE,
      jitter: 0,
      staleWhileRevalidate: 0,
    })
    const call = get()
    await quiet()
    clock.advance(10 * SECOND)
    await call
    await quiet()
    clock.advance(MINUTE - 1)
    expect(await outcomeOf(get)).toBe('hit')
  })

  test('staleWhileRevalidate begins when ttl ends, and is over to the millisecond', async () => {
    const { get, clock } = setUpOne({ ttl: MINUTE, staleWhileRevalidate: HOUR })
    await get()
    clock.advance(MINUTE + HOUR - 1)
    expect(await outcomeOf(get)).toBe('stale')
    expect(await get.read()).toMatchObject({ value: 2, outcome: 'hit', age: 0 })
    clock.advance(MINUTE + HOUR)
    expect(await outcomeOf(get)).toBe('miss')
  })

  test('staleIfError begins when ttl ends, not when the other window does', async () => {
    const { get, clock, fail } = setUpOne({ ttl: MINUTE, staleWhileRevalidate: SECOND, staleIfError: HOUR })
    await get()
    fail()
    clock.advance(MINUTE + HOUR - 1)
    expect(await get()).toBe(1)
    clock.advance(1)
    await expect(get()).rejects.toThrow('source is down')
  })

  test('windows shorter than ttl shorten nothing, and are as long as they are', async () => {
    const { get, clock } = setUpOne({ ttl: HOUR, staleWhileRevalidate: SECOND, staleIfError: SECOND })
    await get()
    clock.advance(HOUR - 1)
    expect(await outcomeOf(get)).toBe('hit')
    clock.advance(SECOND)
    expect(await outcomeOf(get)).toBe('stale')
  })

  test('jitter only takes off, and at most its share', async () => {
    for (const [random, at] of [
      [0, MINUTE],
      [0.999_999, 30 * SECOND],
    ] as const) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      const { get, clock } = setUpOne({ ttl: MINUTE, jitter: 0.5 })
      await get()
      clock.advance(at - 1)
      expect(await outcomeOf(get)).toBe('hit')
      clock.advance(2)
      expect(await outcomeOf(get)).toBe('miss')
    }
  })

  test('earlyRefresh: in the last part of ttl a value is still fresh, and refreshed once', async () => {
    const { get, clock, loads } = setUpOne({ ttl: MINUTE, earlyRefresh: 0.25 })
    await get()
    clock.advance(45 * SECOND - 1)
    expect(await outcomeOf(get)).toBe('hit')
    expect(loads()).toBe(1)
    clock.advance(1)
    expect(await get.read()).toMatchObject({ value: 1, outcome: 'hit' })
    expect(await outcomeOf(get)).toBe('hit')
    expect(loads()).toBe(2)
    clock.advance(45 * SECOND - 1)
    expect(await get.read()).toMatchObject({ value: 2, outcome: 'hit' })
  })

  test('an early refresh that fails leaves the value fresh for the rest of its ttl', async () => {
    const { get, clock, fail, loads } = setUpOne({ ttl: MINUTE, earlyRefresh: 0.25 })
    await get()
    fail()
    clock.advance(50 * SECOND)
    await get()
    await quiet()
    expect(loads()).toBe(2)
    clock.advance(10 * SECOND - 1)
    expect(await get()).toBe(1)
    await quiet()
    clock.advance(1)
    await expect(get()).rejects.toThrow('source is down')
  })

  test('sliding: every read starts ttl anew', async () => {
    const { get, clock, loads } = setUpOne({ ttl: MINUTE, sliding: true })
    await get()
    for (let i = 0; i < 20; i++) {
      clock.advance(MINUTE - 1)
      expect(await outcomeOf(get)).toBe('hit')
    }
    expect(loads()).toBe(1)
    clock.advance(MINUTE)
    expect(await outcomeOf(get)).toBe('miss')
  })

  test.each(['expire', 'expireTags'] as const)('sliding: a read that is under way undoes no %s', async (by) => {
    const { get, clock, cache } = setUpOne({ ttl: MINUTE, sliding: true, staleWhileRevalidate: HOUR, tags: ['label'] })
    const cached = { ttl: MINUTE, sliding: true, staleWhileRevalidate: HOUR, tags: ['label'] } as const
    const expire = (): Promise<unknown>[] =>
      by === 'expire' ? [get.expire(), cache.expire('key')] : [cache.expireTags(['label'])]
    await Promise.all([get(), cache.set('key', 'value', cached)])
    clock.advance(MINUTE / 2)
    await Promise.all([get(), get.read(), cache.get('key'), cache.read('key'), ...expire()])
    await Promise.all([cache.get('key'), cache.read('key')])
    await quiet()
    expect(await cache.get('key')).toBeUndefined()
    expect(await outcomeOf(get)).toBe('stale')
  })

  test('sliding ends with maxLifetime all the same', async () => {
    const { get, clock, loads } = setUpOne({ ttl: MINUTE, sliding: true }, { maxLifetime: '5m' })
    await get()
    for (let passed = 0; passed < 5 * MINUTE - 20 * SECOND; passed += 20 * SECOND) {
      expect(await outcomeOf(get)).toBe('hit')
      clock.advance(20 * SECOND)
    }
    expect(loads()).toBe(1)
    clock.advance(20 * SECOND)
    expect(await outcomeOf(get)).toBe('miss')
  })

  test('no entry outlives maxLifetime, stale windows included', async () => {
    const { get, clock, fail } = setUpOne(
      { ttl: MINUTE, staleWhileRevalidate: HOUR, staleIfError: DAY },
      { maxLifetime: '2m' },
    )
    await get()
    clock.advance(2 * MINUTE - 1)
    fail()
    expect(await get()).toBe(1)
    await quiet()
    clock.advance(1)
    expect(await get.peek()).toBeUndefined()
    await expect(get()).rejects.toThrow('source is down')
  })

  test('a ttl longer than maxLifetime, or without end, ends with it', async () => {
    for (const lifetime of [{ ttl: HOUR }, { tier: 'manual' }] as const) {
      const { get, clock } = setUpOne(lifetime, { maxLifetime: '95s' })
      await get()
      clock.advance(95 * SECOND - 1)
      expect(await outcomeOf(get)).toBe('hit')
      clock.advance(1)
      expect(await outcomeOf(get)).toBe('miss')
    }
  })

  test('the tier manual has no end', async () => {
    const { get, clock, loads } = setUpOne({ tier: 'manual' })
    await get()
    for (let day = 0; day < 30; day++) {
      clock.advance(DAY)
      expect(await outcomeOf(get)).toBe('hit')
    }
    expect(loads()).toBe(1)
    await get.invalidate()
    expect(await get()).toBe(2)
  })

  test('what is stated beside a tier wins over it, and the rest comes from the tier', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(async () => 1, { name: 'value', tier: 'realtime', ttl: '10s', jitter: 0 })
    await get()
    expect(await get.read()).toMatchObject({ tier: 'realtime', outcome: 'hit' })
    clock.advance(10 * SECOND - 1)
    expect(await outcomeOf(get)).toBe('hit')
    clock.advance(5 * SECOND)
    expect(await outcomeOf(get)).toBe('stale')
  })

  test('context.lifetime decides for one value, longer or shorter than the options say', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start({ bus: false })
    const loads = { long: 0, short: 0, tier: 0 }
    const get = cache.cached(
      async (context, kind: keyof typeof loads) => {
        loads[kind]++
        if (kind === 'long') context.lifetime({ ttl: '1d' })
        if (kind === 'short') context.lifetime({ ttl: '1s' })
        if (kind === 'tier') context.lifetime({ tier: 'manual' })
        return kind
      },
      { name: 'value', context: true, ttl: '1m', staleWhileRevalidate: 0, staleIfError: 0, jitter: 0 },
    )
    const readAll = (): Promise<unknown> => Promise.all([get('long'), get('short'), get('tier')])
    await readAll()
    expect(await get.read('tier')).toMatchObject({ tier: 'manual' })
    clock.advance(SECOND)
    await readAll()
    expect(loads).toEqual({ long: 1, short: 2, tier: 1 })
    clock.advance(DAY - SECOND - 1)
    await readAll()
    expect(loads).toEqual({ long: 1, short: 3, tier: 1 })
    clock.advance(1)
    await readAll()
    expect(loads).toEqual({ long: 2, short: 3, tier: 1 })
  })

  test.each([
    ['1h', '2h', HOUR],
    ['1h', '1s', SECOND],
  ] as const)(
    'null lives as long as the tier absent says (%s), and no longer than the options (%s)',
    async (absent, ttl, lives) => {
      const { clock, start } = createWorld(setUp)
      const { cache } = start({ tiers: { absent: { ttl: absent, jitter: 0 } } })
      let loads = 0
      const get = cache.cached(
        async () => {
          loads++
          return null
        },
        { name: 'value', ttl, staleWhileRevalidate: 0, staleIfError: 0 },
      )
      await get()
      clock.advance(lives - 1)
      await get()
      expect(loads).toBe(1)
      clock.advance(1)
      await get()
      expect(loads).toBe(2)
    },
  )

  test('a lifetime of its own that makes no sense fails the load with what is wrong', async () => {
    const { cache } = createWorld(setUp).start()
    const get = cache.cached(
      async (context) => {
        context.lifetime({ ttl: 0 })
        return 1
      },
      { name: 'value', context: true },
    )
    await expect(get()).rejects.toMatchObject({ code: 'invalid-duration', message: expect.stringContaining('ttl') })
  })

  test.each([
    ['expire', (_cache: Cache, get: Cached<[], number>) => get.expire()],
    ['expireTags', (cache: Cache) => cache.expireTags(['tag'])],
    ['expireTags of a path above', (cache: Cache) => cache.expireTags(['path'])],
  ] as const)('%s: the value goes on being served and is refreshed once', async (_what, expire) => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    let loads = 0
    const get = cache.cached(async () => ++loads, {
      name: 'value',
      tags: ['tag', 'path/to'],
      ttl: HOUR,
      staleWhileRevalidate: MINUTE,
      jitter: 0,
    })
    await get()
    clock.advance(SECOND)
    await expire(cache, get)
    expect(await Promise.all([get.read(), get.read(), get.peek()])).toMatchObject([
      { value: 1, outcome: 'stale', age: SECOND },
      { value: 1, outcome: 'stale' },
      1,
    ])
    await quiet()
    expect(await get.read()).toMatchObject({ value: 2, outcome: 'hit' })
    expect(loads).toBe(2)
    clock.advance(HOUR - 1)
    expect(await outcomeOf(get)).toBe('hit')
  })

  test('after expire the windows begin: what nobody asked for in time is gone', async () => {
    const { get, clock } = setUpOne({ ttl: HOUR, staleWhileRevalidate: MINUTE })
    await get()
    await get.expire()
    clock.advance(MINUTE)
    expect(await outcomeOf(get)).toBe('miss')
  })

  test('to expire what is stale already does not lengthen its life', async () => {
    const { get, clock } = setUpOne({ ttl: MINUTE, staleWhileRevalidate: MINUTE })
    await get()
    clock.advance(MINUTE + 30 * SECOND)
    await get.expire()
    clock.advance(30 * SECOND)
    expect(await outcomeOf(get)).toBe('miss')
  })

  test('set begins a new life, with its own lifetime where one is given', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    await cache.set('key', 1, { ttl: '10s', jitter: 0 })
    clock.advance(9 * SECOND)
    await cache.set('key', 2, { ttl: '10s', jitter: 0 })
    clock.advance(9 * SECOND)
    expect(await cache.get('key')).toBe(2)
    clock.advance(SECOND)
    expect(await cache.get('key')).toBeUndefined()
  })
})

describe.each(withRemote)('P11 across processes, %s', (setUp) => {
  const LIFETIME = { name: 'value', ttl: MINUTE, staleWhileRevalidate: MINUTE, staleIfError: HOUR, jitter: 0 } as const

  test('a copy that is taken over later keeps the rest of the lifetime and the age', async () => {
    const { clock, start } = createWorld(setUp)
    const [one, other] = [start().cache.cached(async () => 1, LIFETIME), start().cache.cached(async () => 2, LIFETIME)]
    await one()
    clock.advance(40 * SECOND)
    expect(await other.read()).toMatchObject({ value: 1, outcome: 'hit', age: 40 * SECOND })
    clock.advance(20 * SECOND - 1)
    expect(await other.read()).toMatchObject({ value: 1, outcome: 'hit' })
    clock.advance(1)
    expect(await other.read()).toMatchObject({ value: 1, outcome: 'stale', age: MINUTE })
  })

  test('the windows of a copy that is taken over end when those of the original do', async () => {
    const { clock, start } = createWorld(setUp)
    const [one, other] = [start().cache.cached(async () => 1, LIFETIME), start().cache.cached(async () => 2, LIFETIME)]
    await one()
    clock.advance(40 * SECOND)
    await other()
    clock.advance(MINUTE + 20 * SECOND)
    expect(await other.read()).toMatchObject({ value: 2, outcome: 'miss' })
  })

  test('an hour between the clocks of the processes and of the server changes nothing', async () => {
    const { clock, start } = createWorld(setUp)
    const skews = [0, HOUR, -HOUR, 365 * DAY]
    const gets = skews.map((skew) => start({ skew }).cache.cached(async () => skew, LIFETIME))
    for (const [i, get] of gets.entries()) {
      expect(await get()).toBe(skews[i])
      clock.advance(30 * SECOND)
      for (const other of gets) {
        expect(await other.read()).toMatchObject({ value: skews[i], outcome: 'hit', age: 30 * SECOND })
      }
      clock.advance(30 * SECOND - 1)
      for (const other of gets) expect(await other.read()).toMatchObject({ value: skews[i], outcome: 'hit' })
      await get.invalidate()
      await quiet()
    }
  })

  test('an hour between the clocks: stale and expired begin for all at the same moment', async () => {
    const { clock, start } = createWorld(setUp)
    const [here, there] = [start({ skew: HOUR }), start({ skew: -HOUR })]
    const load = async (): Promise<string> => Promise.reject(new Error('source is down'))
    const [one, other] = [here.cache.cached(load, LIFETIME), there.cache.cached(load, LIFETIME)]
    await one.set('value')
    clock.advance(MINUTE)
    expect([(await one.read()).outcome, (await other.read()).outcome]).toEqual(['stale', 'stale'])
    clock.advance(MINUTE)
    expect([await one.peek(), await other.peek()]).toEqual([undefined, undefined])
    clock.advance(HOUR - MINUTE - 1)
    expect([await one(), await other()]).toEqual(['value', 'value'])
    clock.advance(1)
    await expect(one()).rejects.toThrow('source is down')
    await expect(other()).rejects.toThrow('source is down')
  })
})

describe('P11, what makes no sense is refused where it is said', () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  let names = 0

  test.each([0, -1, Number.NaN, Infinity, '0s', '1x', '1h 30m', '1.h', '30m1h', '', 'forever', '-1s', null, true, {}])(
    'ttl %j',
    async (ttl) => {
      const wrong = { ttl } as unknown as LifetimeOptions
      const name = `value${++names}`
      expect(thrown(() => cache.cached(async () => 1, { name, ...wrong })).code).toBe('invalid-duration')
      await expect(cache.set('key', 1, wrong)).rejects.toMatchObject({ code: 'invalid-duration' })
      await expect(cache.getOrLoad('key', () => 1, wrong as ValueOptions<never>)).rejects.toMatchObject({
        code: 'invalid-duration',
      })
      const tiers = { own: wrong } as CacheOptions['tiers']
      const options = { namespace: 'shop', store: memoryStore(), tiers } as CacheOptions
      expect(thrown(() => createCache(options)).code).toBe('invalid-duration')
    },
  )

  test.each([
    ['staleWhileRevalidate', -1],
    ['staleIfError', Number.NaN],
    ['softTimeout', 0],
    ['hardTimeout', '1x'],
    ['jitter', 1.1],
    ['jitter', -0.1],
    ['earlyRefresh', Number.NaN],
    ['tier', 'unknown'],
  ])('%s %j', (option, value) => {
    const options = { name: `value${++names}`, [option]: value } as unknown as CachedOptions<[], never>
    const { code, message } = thrown(() => cache.cached(async () => 1, options))
    expect(code).toMatch(/^invalid-(option|duration)$/)
    expect(message).toContain(option)
  })

  test.each(['maxLifetime', 'maxDrift', 'partitionTtl', 'lease', 'softTimeout', 'hardTimeout'])('%s of 0', (option) => {
    const store = [memoryStore(), createReferenceServer().connect()] as const
    const options = { namespace: 'shop', store, [option]: 0 } as CacheOptions
    const { code, message } = thrown(() => createCache(options))
    expect(code).toBe('invalid-duration')
    expect(message).toContain(option)
  })
})
