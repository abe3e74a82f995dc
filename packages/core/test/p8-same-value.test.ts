import type { Codec, Isolation } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { createSource, quiet } from './deferred.ts'
import type { SetUp } from './set-ups.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'

const LIFETIME = { ttl: '1m', staleWhileRevalidate: '10m', staleIfError: '1h', jitter: 0 } as const

/** What every codec has to carry. */
const plain: readonly (readonly [what: string, make: () => unknown])[] = [
  ['0', () => 0],
  ['an empty string', () => ''],
  ['false', () => false],
  ['true', () => true],
  ['null', () => null],
  ['a fraction', () => 0.1 + 0.2],
  ['an empty array', () => []],
  ['an empty object', () => ({})],
  ['an array of nulls', () => [null, [null]]],
  ['text of any kind', () => 'größe 日本 \u{1f600} \u0000 \ud800 "quoted"'],
  ['text that looks like something else', () => ['null', '42', '2026-01-01T00:00:00.000Z', '[object Object]']],
  ['an object with odd names', () => ({ '': 1, 'a b': 2, '1': 3, toString: 4, ['__proto__']: 5, constructor: 6 })],
  ['nested data', () => ({ user: { name: 'Ada', roles: ['admin', 'owner'], manager: null }, count: 0, ok: false })],
]

/** What only some codecs carry; without a codec between them and the caller all come back. */
const rich: readonly (readonly [what: string, make: () => unknown])[] = [
  ['NaN', () => Number.NaN],
  ['-0', () => -0],
  ['Infinity', () => Infinity],
  ['a bigint', () => 2n ** 70n],
  ['a Date', () => new Date(0)],
  ['a Date inside', () => ({ at: new Date(0) })],
  ['a Map', () => new Map<unknown, unknown>([['a', { b: [1] }]])],
  ['a Set', () => ({ tags: new Set(['a']) })],
  ['a typed array', () => ({ bytes: new Float32Array([1, 2.5]) })],
  ['a Buffer', () => [Buffer.from('shelflife')]],
  ['an ArrayBuffer', () => new Uint8Array([1, 2, 3]).buffer],
  ['undefined inside of an object', () => ({ a: undefined })],
  ['undefined inside of an array', () => [undefined, 1]],
  ['an array with holes', () => [1, , 3]], // oxlint-disable-line no-sparse-arrays
  ['an object without prototype', () => Object.assign(Object.create(null), { a: 1 })],
]

class Money extends Array<number> {}

/** What is handed out as it is and never stored outside. */
const unsupported: readonly (readonly [what: string, make: () => unknown])[] = [
  ...rich,
  ['an instance of a class', () => new URL('https://example.com')],
  ['a regular expression', () => /a/],
  ['an Error', () => new Error('value')],
  ['a function inside', () => ({ run: Math.max })],
  ['a symbol inside', () => [Symbol.iterator]],
  ['an object with a symbol as name', () => ({ [Symbol.toPrimitive]: 1 })],
  ['a subclass of Array', () => Money.of(1, 2)],
  ['an object that serialises itself', () => ({ toJSON: Math.random })],
  [
    'a cycle',
    () => {
      const cycle: Record<string, unknown> = {}
      return Object.assign(cycle, { cycle })
    },
  ],
]

function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value }
  return value
}

function depthOf(value: unknown): number {
  let depth = 0
  for (let at = value; typeof at === 'object' && at !== null; depth++) at = Object.values(at)[0]
  return depth
}

/** Reads one value in every way there is; `make` makes it anew for each load. */
async function everyWay(setUp: SetUp, make: () => unknown): Promise<Record<string, unknown>> {
  const { clock, start } = createWorld(setUp)
  const { cache } = start()
  const get = cache.cached(async () => make(), { name: 'value', ...LIFETIME })
  const absent = make() === null
  const found: Record<string, unknown> = { miss: await get(), hit: await get(), again: await get() }
  found['read'] = (await get.read()).value
  found['peek'] = await get.peek()
  if (setUp !== 'local') {
    const other = start().cache.cached(async () => 'loaded instead', { name: 'value', ...LIFETIME })
    found['elsewhere'] = await other()
    found['elsewhere again'] = await other()
  }
  found['refresh'] = await get.refresh()
  if (!absent) {
    clock.advance(60_000)
    found['stale'] = await get()
    await quiet()
  }
  await get.set(make())
  found['set'] = await get()
  found['getOrLoad'] = await cache.getOrLoad('key', async () => make())
  found['get'] = await cache.get('key')
  found['read by key'] = (await cache.read('key'))?.value
  return found
}

const all = (ways: Record<string, unknown>, value: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.keys(ways).map((way) => [way, value]))

describe.each(setUps)('P8, %s', (setUp) => {
  test.each(setUp === 'local' ? [...plain, ...rich] : plain)(
    '%s is the same however it is read',
    async (_what, make) => {
      const ways = await everyWay(setUp, make)
      expect(ways).toStrictEqual(all(ways, make()))
    },
  )

  test.each<Isolation>(['freeze', 'clone', 'share'])('isolation %s changes no value', async (isolation) => {
    const { cache } = createWorld(setUp).start({ isolation })
    const values = new Map(setUp === 'local' ? [...plain, ...rich] : plain)
    const get = cache.cached(async (what: string) => values.get(what)?.(), { name: 'value' })
    for (const [what, make] of values) {
      expect([await get(what), await get(what)], what).toStrictEqual([make(), make()])
    }
  })

  test('null lives exactly as long as stated where the options have no jitter', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(async () => null, { name: 'nothing', ttl: '5s', jitter: 0 })
    for (let i = 0; i < 10; i++) {
      expect(await get.read()).toMatchObject({ outcome: 'miss' })
      clock.advance(4999)
      expect(await get.read()).toMatchObject({ outcome: 'hit' })
      clock.advance(1)
    }
  })

  test('null is a value with the lifetime of the tier `absent`', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start({ tiers: { absent: { ttl: '10s', jitter: 0 } } })
    let loads = 0
    const get = cache.cached(
      async () => {
        loads++
        return null
      },
      { name: 'nothing', ttl: '1h', jitter: 0 },
    )
    expect(await get()).toBeNull()
    expect(await get.read()).toMatchObject({ value: null, tier: 'absent', outcome: 'hit' })
    clock.advance(9999)
    expect(await get()).toBeNull()
    expect(loads).toBe(1)
    clock.advance(1)
    expect(await get()).toBeNull()
    expect(loads).toBe(2)
  })

  test('undefined is returned, reported, and not cached', async () => {
    const { cache } = createWorld(setUp).start()
    const skips: unknown[] = []
    cache.on('skip', ({ because }) => skips.push(because))
    let loads = 0
    const get = cache.cached(async () => void loads++, { name: 'nothing' })
    expect([await get(), await get()]).toEqual([undefined, undefined])
    expect(loads).toBe(2)
    expect(skips).toEqual(['undefined', 'undefined'])
  })

  test('data nested 100,000 levels deep is returned and reported, and neither thrown nor cached', async () => {
    const { cache } = createWorld(setUp).start()
    const skips: unknown[] = []
    cache.on('skip', ({ because }) => skips.push(because))
    let loads = 0
    const get = cache.cached(
      async () => {
        loads++
        return nested(100_000)
      },
      { name: 'deep' },
    )
    for (const call of [get, get, get.refresh]) expect(depthOf(await call())).toBe(100_000)
    expect(loads).toBe(3)
    expect(skips).toEqual(['unsupported', 'unsupported', 'unsupported'])
    expect(await get.peek()).toBeUndefined()
    await cache.set('key', nested(100_000) as object)
    expect(await cache.get('key')).toBeUndefined()
  })

  describe.each<Isolation>(['freeze', 'clone'])('isolation %s', (isolation) => {
    const make = (): Record<string, unknown> => ({
      list: [{ deep: 1 }],
      date: new Date(0),
      map: new Map([['a', { b: 1 }]]),
      set: new Set([1]),
      floats: new Float64Array([1]),
      buffer: Buffer.from('a'),
    })
    const plainOnly = (): Record<string, unknown> => ({ list: [{ deep: 1 }], more: { text: 'a' } })
    const make_ = setUp === 'local' ? make : plainOnly

    /** Changes whatever can be changed. */
    function vandalise(value: Record<string, unknown>): void {
      const attempts = [
        () => (value['list'] as unknown[]).push('graffiti'),
        () => ((value['list'] as { deep: number }[])[0]!.deep = 666),
        () => (value['graffiti'] = true),
        () => delete value['more'],
        () => (value['date'] as Date).setTime(666),
        () => (value['map'] as Map<string, { b: number }>).set('graffiti', { b: 666 }),
        () => ((value['map'] as Map<string, { b: number }>).get('a')!.b = 666),
        () => (value['set'] as Set<number>).add(666),
        () => (value['floats'] as Float64Array).fill(666),
        () => (value['buffer'] as Buffer).fill(66),
      ]
      for (const attempt of attempts) {
        try {
          attempt()
        } catch (error) {
          // frozen, or not there in this set-up
          expect(error).toBeInstanceOf(TypeError)
        }
      }
    }

    test('callers cannot change what other callers get, nor what is cached', async () => {
      const { cache } = createWorld(setUp).start({ isolation })
      const { load, runs } = createSource<Record<string, unknown>>()
      const get = cache.cached(load, { name: 'value', ...LIFETIME })
      const calls = [get(), get(), get()]
      await quiet()
      runs[0]?.resolve(make_())
      for (const call of calls) {
        const value = await call
        expect(value).toEqual(make_())
        vandalise(value)
      }
      for (const way of [get, get, get.peek, async () => (await get.read()).value]) {
        const value = (await way()) as Record<string, unknown>
        expect(value).toEqual(make_())
        vandalise(value)
      }
      expect(await get()).toEqual(make_())
    })

    test('who made the value, or set it, cannot change what is cached', async () => {
      const { cache } = createWorld(setUp).start({ isolation })
      const made = make_()
      const get = cache.cached(async () => made, { name: 'value' })
      await get()
      vandalise(made)
      expect(await get()).toEqual(make_())
      const set = make_()
      await cache.set('key', set)
      vandalise(set)
      expect(await cache.get('key')).toEqual(make_())
    })

    test('a refresh does not change the value that a caller has', async () => {
      const { cache } = createWorld(setUp).start({ isolation })
      const get = cache.cached(async () => make_(), { name: 'value' })
      const had = await get()
      await get.refresh()
      await get.invalidate()
      expect(had).toEqual(make_())
    })
  })

  test('options are not changed, and may be frozen', async () => {
    const deepFreeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) deepFreeze(one)
      return Object.freeze(value)
    }
    const clock = fakeClock()
    const remote = createReferenceServer({ clock }).connect({ clock })
    const local = memoryStore({ clock })
    const store = { local, remote, 'local and remote': [local, remote] as const }[setUp]
    const tiers = deepFreeze({ quotes: { ttl: '200ms', extends: 'realtime' }, dynamic: { jitter: 0 } } as const)
    const cache = createCache(Object.freeze({ namespace: 'shop', store, tiers, clock }))
    const options = deepFreeze({
      name: 'value',
      tier: 'quotes',
      tags: ['a/b'],
      jitter: 0.5,
      context: true,
    } as const)
    const argument = deepFreeze({ filters: { b: [1], a: 2 } })
    const get = cache.cached(async (context, query: typeof argument) => {
      context.tag(...deepFreeze(['c']))
      context.lifetime(deepFreeze({ ttl: '1m', tier: 'static' } as const))
      return query.filters.a
    }, options)
    expect([await get(argument), await get(argument)]).toEqual([2, 2])
    const valueOptions = deepFreeze({ tags: ['a'], ttl: '1m' } as const)
    await cache.set(deepFreeze(['key', 1]), 1, valueOptions)
    await cache.getOrLoad(deepFreeze({ b: 1, a: 2 }), () => 1, valueOptions)
    await cache.invalidateTags(deepFreeze(['a', 'b']))
    await cache.expireTags(deepFreeze(['a', 'b']))
    expect(argument).toEqual({ filters: { b: [1], a: 2 } })
  })
})

describe.each(withRemote)('P8, what the codec cannot carry, %s', (setUp) => {
  test.each(unsupported)('%s is returned as it is, reported, and not cached', async (_what, make) => {
    const { start } = createWorld(setUp)
    const { cache } = start()
    const skips: unknown[] = []
    cache.on('skip', ({ because, error }) => skips.push(because, error))
    let loads = 0
    const load = async (): Promise<unknown> => {
      loads++
      return make()
    }
    const get = cache.cached(load, { name: 'value' })
    expect(await get()).toStrictEqual(make())
    expect(await get()).toStrictEqual(make())
    expect(loads).toBe(2)
    expect(skips).toMatchObject(['unsupported', { code: 'unsupported-value' }, 'unsupported', expect.any(Error)])
    expect(await get.peek()).toBeUndefined()
    expect(await start().cache.cached(load, { name: 'value' }).peek()).toBeUndefined()
  })

  test('set with such a value leaves no old one behind', async () => {
    const { start } = createWorld(setUp)
    const { cache } = start()
    await cache.set('key', 'old')
    await cache.set('key', new Date(0))
    expect(await cache.get('key')).toBeUndefined()
    expect(await start().cache.get('key')).toBeUndefined()
  })

  test.each(['throws', 'rejects'])('a codec that %s while it encodes harms no caller', async (how) => {
    const codec: Codec = {
      id: 99,
      name: 'broken',
      encode() {
        const error = new TypeError('cannot')
        if (how === 'throws') throw error
        return Promise.reject(error)
      },
      decode: () => 'never',
    }
    const { cache } = createWorld(setUp).start({ codec })
    let loads = 0
    const get = cache.cached(async () => ++loads, { name: 'value' })
    expect([await get(), await get()]).toEqual([1, 2])
  })

  test('an asynchronous codec is waited for on both ways', async () => {
    const codec: Codec = {
      id: 99,
      name: 'slow',
      async encode(value) {
        await quiet()
        return new TextEncoder().encode(JSON.stringify({ wrapped: value }))
      },
      decode: (bytes) =>
        quiet().then(() => (JSON.parse(new TextDecoder().decode(bytes)) as { wrapped: unknown }).wrapped),
    }
    const { start } = createWorld(setUp)
    const make = (): unknown => ({ a: [1, null] })
    const [one, other] = [0, 1].map(() => start({ codec }).cache.cached(async () => make(), { name: 'value' }))
    expect([await one?.(), await one?.(), await other?.()]).toStrictEqual([make(), make(), make()])
    expect((await other?.read())?.outcome).toBe('hit')
  })
})
