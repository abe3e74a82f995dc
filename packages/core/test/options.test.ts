import type { Cache, CacheOptions, LocalStore, RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { resolveCache, resolvePolicy } from '../src/options.ts'
import { thrown } from './thrown.ts'

const create = (options: object): Cache =>
  createCache({ namespace: 'test', store: memoryStore(), ...options } as CacheOptions)

const wrap = (options: object): unknown =>
  createCache({ namespace: 'test', store: memoryStore() }).cached(async () => 1, {
    name: 'load',
    ...options,
  } as { name: string })

describe('namespace', () => {
  test.each(['shop', 'a', 'Shop-1.2_x', 'shop/eu', 'shop/eu/de', '1', 'x'.repeat(128)])(
    '%j is carried',
    (namespace) => {
      expect(() => create({ namespace })).not.toThrow()
    },
  )

  test.for([
    ['', '""'],
    ['/', '"/"'],
    ['/shop', '"/shop"'],
    ['shop/', '"shop/"'],
    ['shop//eu', '"shop//eu"'],
    ['shop eu', '"shop eu"'],
    ['shop:eu', '"shop:eu"'],
    ['shop#eu', '"shop#eu"'],
    ['shop(1)', '"shop(1)"'],
    ['{shop}', '"{shop}"'],
    ['shop*', '"shop*"'],
    ['größe', '"größe"'],
    ['shop\n', '"shop\\n"'],
    ['x'.repeat(129), `"${'x'.repeat(40)}…"`],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [['shop'], 'an array'],
  ] as const)('%j is refused, and the message says what a namespace is', ([namespace, shown]) => {
    const error = thrown(() => create({ namespace }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(
      "namespace must be 1 to 128 letters, digits, '.', '_', '-', '/' between steps; " + `received ${shown}`,
    )
  })

  test('a namespace below another one is checked as a whole', () => {
    const cache = createCache({ namespace: 'shop', store: memoryStore() })
    expect(() => cache.namespace('eu/de')).not.toThrow()
    for (const name of ['', '/eu', 'eu ', 'x'.repeat(124)]) {
      expect(thrown(() => cache.namespace(name)).code).toBe('invalid-option')
    }
  })
})

describe('name and version', () => {
  test.each(['load', 'L', 'user.byId', 'user:by-id_2', 'x'.repeat(128)])('the name %j is carried', (name) => {
    expect(() => wrap({ name })).not.toThrow()
  })

  test.for([
    ['', '""'],
    ['1load', '"1load"'],
    ['.load', '".load"'],
    ['load user', '"load user"'],
    ['load/user', '"load/user"'],
    ['load@2', '"load@2"'],
    ['load(', '"load("'],
    ['load#', '"load#"'],
    ['load\n', '"load\\n"'],
    ['x'.repeat(129), `"${'x'.repeat(40)}…"`],
    [undefined, 'undefined'],
    [42, '42'],
    [() => 1, 'a function'],
  ] as const)('the name %j is refused, and the message says what a name is', ([name, shown]) => {
    const error = thrown(() => wrap({ name }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(
      `name must be 1 to 128 letters, digits, '.', '_', '-', ':', a letter first; received ${shown}`,
    )
  })

  test.each([1, 0, 1.5, 'v2', '2026-01-01', 'a_b.c'])('the version %j is carried', (version) => {
    expect(() => wrap({ version })).not.toThrow()
  })

  test.for([
    ['', '""'],
    ['v 2', '"v 2"'],
    ['2@3', '"2@3"'],
    ['a/b', '"a/b"'],
    [{}, 'an object'],
  ] as const)('the version %j is refused, and the message says what a version is', ([version, shown]) => {
    const error = thrown(() => wrap({ version }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(`version must be a number, or letters, digits, '.', '_', '-'; received ${shown}`)
  })

  test('two functions under one name are refused when the second one is wrapped', () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    cache.cached(async () => 1, { name: 'load' })
    const error = thrown(() => cache.cached(async () => 2, { name: 'load' }))
    expect(error.code).toBe('duplicate-name')
    expect(error.message).toContain("name 'load' is in use; wrap the function once, or name the two apart")
  })

  test('another version, and another namespace, is another name', () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    cache.cached(async () => 1, { name: 'load' })
    cache.cached(async () => 1, { name: 'load', version: 1 })
    expect(thrown(() => cache.cached(async () => 1, { name: 'load', version: '1' })).code).toBe('duplicate-name')
    const below = cache.namespace('eu')
    below.cached(async () => 1, { name: 'load' })
    expect(thrown(() => below.cached(async () => 1, { name: 'load' })).code).toBe('duplicate-name')
  })

  test('a function that was refused has not taken the name', () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    thrown(() => cache.cached(async () => 1, { name: 'load', ttl: 0 }))
    thrown(() => cache.cached(async () => 1, { name: 'load', tags: [null as never] }))
    expect(() => cache.cached(async () => 1, { name: 'load' })).not.toThrow()
  })

  test('only a function can be wrapped', () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    for (const fn of [undefined, null, 1, {}, Promise.resolve(1)]) {
      const error = thrown(() => cache.cached(fn as never, { name: 'load' }))
      expect(error.code).toBe('invalid-option')
      expect(error.message).toMatch(/^what cached\(\) wraps must be a function; received /)
    }
  })
})

describe('store', () => {
  const local = (): LocalStore => memoryStore()
  const remote = (): RemoteStore => createReferenceServer().connect()

  test('one store, or a local one in front of a remote one, is carried', async () => {
    for (const store of [local(), remote(), [local()], [remote()], [local(), remote()]]) await create({ store }).close()
  })

  test('every other combination is refused, and the message says what to give', () => {
    for (const store of [
      undefined,
      null,
      [],
      {},
      'redis://localhost',
      memoryStore,
      [remote(), local()],
      [local(), local()],
      [remote(), remote()],
      [local(), remote(), remote()],
      [local(), undefined],
      new Map(),
    ]) {
      const error = thrown(() => create({ store }))
      expect(error.code).toBe('invalid-option')
      expect(error.message).toMatch(
        /^store must be memoryStore\(\), a remote store, or \[memoryStore\(\), remoteStore\]; received /,
      )
    }
  })

  test('a local store belongs to one cache', () => {
    const store = memoryStore()
    create({ store })
    const error = thrown(() => create({ namespace: 'other', store }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(
      'store must be a local store that no other cache has or had; make one for each cache; received an object',
    )
  })

  test('a remote store belongs to one cache too, and the message says what to share instead', () => {
    const store = remote()
    create({ store })
    const error = thrown(() => create({ namespace: 'other', store: [local(), store] }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(
      'store must be a remote store that no other cache has or had; give the client to a store of its own for each cache; received an object',
    )
  })

  test('a cache that was refused has not taken the store', () => {
    const store = memoryStore()
    thrown(() => create({ store, namespace: '' }))
    thrown(() => create({ store, maxLifetime: -1 }))
    thrown(() => create({ store, tiers: { quotes: {} } }))
    expect(() => create({ store })).not.toThrow()
  })
})

const bad = [0, -1, Number.NaN, Infinity, '5x', '0s', '', null] as const

describe('durations', () => {
  test.each(['maxLifetime', 'softTimeout', 'hardTimeout'])(
    'a %s of a cache that is not a positive duration is refused by name',
    (name) => {
      for (const value of bad) {
        const error = thrown(() => create({ [name]: value }))
        expect(error.code).toBe('invalid-duration')
        expect(error.message).toMatch(new RegExp(`^${name} must be a positive number of milliseconds or text`))
      }
      expect(() => create({ [name]: '5s' })).not.toThrow()
    },
  )

  test.each(['ttl', 'softTimeout', 'hardTimeout'])(
    'a %s of a function that is not a positive duration is refused by name',
    (name) => {
      for (const value of bad) {
        const error = thrown(() => wrap({ [name]: value }))
        expect(error.code).toBe('invalid-duration')
        expect(error.message).toMatch(new RegExp(`^${name} must be a positive number of milliseconds or text`))
      }
      expect(() => wrap({ [name]: '5s' })).not.toThrow()
    },
  )

  test.each(['staleWhileRevalidate', 'staleIfError'])('a %s that is negative or NaN is refused, 0 is not', (name) => {
    for (const value of [-1, Number.NaN, Infinity, '5x', '']) {
      expect(thrown(() => wrap({ [name]: value })).code).toBe('invalid-duration')
    }
    expect(() => wrap({ [name]: 0 })).not.toThrow()
  })

  test('the lifetime of a value that is set is refused by name too', async () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    await expect(cache.set('a', 1, { ttl: 0 })).rejects.toMatchObject({ code: 'invalid-duration' })
    await expect(cache.getOrLoad('a', () => 1, { ttl: Number.NaN })).rejects.toMatchObject({ code: 'invalid-duration' })
    await expect(cache.set('a', 1, { tier: 'dynamik' as 'dynamic' })).rejects.toMatchObject({ code: 'invalid-option' })
  })
})

describe('isolation and tier', () => {
  test('an unknown isolation is refused with those that there are', () => {
    for (const isolation of ['frozen', '', true, null]) {
      const error = thrown(() => create({ isolation }))
      expect(error.code).toBe('invalid-option')
      expect(error.message).toMatch(/^isolation must be one of freeze, clone, share; received /)
      expect(thrown(() => wrap({ isolation })).code).toBe('invalid-option')
    }
  })

  test('an unknown tier is refused with those that there are', () => {
    const error = thrown(() => wrap({ tier: 'semistatic' }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(
      'tier must be one of realtime, dynamic, semiStatic, static, reference, manual, absent; received "semistatic"',
    )
  })

  test('wrong tiers are refused when the cache is created', () => {
    expect(thrown(() => create({ tiers: { quotes: { ttl: 0 } } })).message).toMatch(/^tiers\.quotes\.ttl must be /)
    expect(thrown(() => create({ tiers: { quotes: { ttl: 1, extends: 'fast' } } })).message).toMatch(
      /^tiers\.quotes\.extends must be one of /,
    )
  })
})

describe('what is resolved', () => {
  const clock = fakeClock()
  const cache = resolveCache({ namespace: 'test', store: memoryStore(), clock })

  test('the defaults are as documented', () => {
    expect(cache).toMatchObject({
      namespace: 'test',
      isolation: 'freeze',
      softTimeout: Infinity,
      hardTimeout: 60_000,
      maxLifetime: Infinity,
      clock,
    })
    const { underTtl, ...policy } = resolvePolicy('load', {}, cache)
    expect(policy).toEqual({
      name: 'load',
      tier: 'dynamic',
      isolation: 'freeze',
      softTimeout: Infinity,
      hardTimeout: 60_000,
      guard: [],
      lifetime: cache.tiers.get('dynamic'),
    })
    expect(underTtl()).toEqual({ ...cache.tiers.get('dynamic'), staleWhileRevalidate: 0, staleIfError: 0 })
  })

  test('a function has what it states, and the rest from the cache and the tier', () => {
    const own = resolveCache({
      namespace: 'test',
      store: memoryStore(),
      isolation: 'clone',
      softTimeout: '1s',
      hardTimeout: '2s',
    })
    const { underTtl, ...policy } = resolvePolicy('load', { tier: 'static', staleIfError: 5, hardTimeout: 7 }, own)
    expect(policy).toEqual({
      name: 'load',
      tier: 'static',
      isolation: 'clone',
      softTimeout: 1000,
      hardTimeout: 7,
      guard: [],
      lifetime: { ...own.tiers.get('static'), staleIfError: 5 },
    })
    expect(underTtl()).toEqual({ ...own.tiers.get('static'), staleIfError: 5 })
    expect(resolvePolicy('load', { isolation: 'share' }, own).isolation).toBe('share')
  })

  test('the options are not changed, and may be frozen', () => {
    const tiers = Object.freeze({ quotes: Object.freeze({ ttl: '1s' } as const) })
    const options = Object.freeze({ namespace: 'test', store: memoryStore(), tiers })
    const before = JSON.stringify(options)
    const wrapped = createCache(options)
    wrapped.cached(async () => 1, Object.freeze({ name: 'load', tier: 'quotes', tags: Object.freeze(['a']) }))
    expect(JSON.stringify(options)).toBe(before)
  })

  test('options that are changed later change nothing', async () => {
    const options = { name: 'load', ttl: 1000, jitter: 0, tags: ['a'] }
    const own = createCache({ namespace: 'test', clock, store: memoryStore({ clock }) })
    let loads = 0
    const load = own.cached(async () => ++loads, options)
    options.ttl = 1
    options.name = 'other'
    options.tags.push('b')
    await load()
    clock.advance(999)
    expect(await load.read()).toMatchObject({ value: 1, outcome: 'hit' })
    expect(load.key()).toBe('test/load()')
  })
})
