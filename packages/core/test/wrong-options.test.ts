import type { Cache, CacheOptions } from '@shelflife/core'
import { createReferenceServer } from '@shelflife/conformance'
import { createCache, encodeArguments, ShelflifeError, toMilliseconds } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { WRONG_VALUES } from './wrong-values.ts'

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
    return 'accepted'
  } catch (error) {
    return error instanceof ShelflifeError ? error.code : `not a ShelflifeError: ${String(error)}`
  }
}

type Loose = Record<keyof Cache, (...args: readonly unknown[]) => unknown>
const loose = (): Loose => createCache({ namespace: 'test', store: memoryStore() }) as unknown as Loose
const load = async (): Promise<number> => 1

describe('what no option can be is refused where it is given', () => {
  test.each<[string, (cache: Loose) => unknown]>([
    ['cached without options', (cache) => cache.cached(load)],
    ['cached with null', (cache) => cache.cached(load, null)],
    ['cached without a function', (cache) => cache.cached(undefined, { name: 'a' })],
    ['a misspelt option', (cache) => cache.cached(load, { name: 'a', tll: '5m' })],
    ['an option of another level', (cache) => cache.cached(load, { name: 'a', maxLifetime: '5m' })],
    ['sliding', (cache) => cache.cached(load, { name: 'a', sliding: 'yes' })],
    ['context', (cache) => cache.cached(load, { name: 'a', context: 'yes' })],
    ['require', (cache) => cache.cached(load, { name: 'a', require: 'all' })],
    ['tier', (cache) => cache.cached(load, { name: 'a', tier: null })],
    ['on with an event that is none', (cache) => cache.on('nonsense', () => {})],
    ['on with the name of a method', (cache) => cache.on('toString', () => {})],
    ['on without a listener', (cache) => cache.on('hit')],
    ['set with a number', (cache) => cache.set('key', 1, 5)],
    ['set with null', (cache) => cache.set('key', 1, null)],
    ['set with a misspelt option', (cache) => cache.set('key', 1, { tll: 5 })],
    ['set with a text in the place of tags', (cache) => cache.set('key', 1, { tags: 'product:1' })],
    ['getOrLoad with a text in the place of tags', (cache) => cache.getOrLoad('key', load, { tags: 'product:1' })],
    ['getOrLoad without a function', (cache) => cache.getOrLoad('key')],
    ['getOrLoad with a misspelt option', (cache) => cache.getOrLoad('key', load, { tll: 5 })],
    ['invalidate with a number', (cache) => cache.invalidate('key', 5)],
    ['invalidate with a wrong require', (cache) => cache.invalidate('key', { require: 'all' })],
    ['invalidateTags with a misspelt option', (cache) => cache.invalidateTags(['a'], { required: 'remote' })],
    ['clear with a wrong require', (cache) => cache.clear({ require: 1 })],
    ['a namespace that is a number', (cache) => cache.namespace(5)],
    ['a context with a misspelt option', (cache) => of(cache, { tll: 5 })],
    ['a context with a number', (cache) => of(cache, 5)],
    ['a context with a wrong flag', (cache) => of(cache, { sliding: 1 })],
  ])('%s', async (_, use) => {
    expect(await codeOf(() => use(loose()))).toBe('invalid-option')
  })

  /** What a loader states. */
  function of(cache: Loose, lifetime: unknown): unknown {
    const state = async (context: { lifetime(options: unknown): void }): Promise<number> => {
      context.lifetime(lifetime)
      return 1
    }
    return (cache.cached(state, { name: 'stating', context: true }) as () => unknown)()
  }

  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['null', () => null],
    ['a number', () => 5],
    ['a misspelt option', () => ({ tll: 5 })],
    ['clock', () => ({ clock: 5 })],
    ['a clock without timers', () => ({ clock: Date })],
    ['tiers', () => ({ tiers: 5 })],
    ['tiers that are null', () => ({ tiers: null })],
    ['tiers that are a Map', () => ({ tiers: new Map([['mine', { ttl: '1s' }]]) })],
    ['tiers that are a list', () => ({ tiers: [] })],
    ['a misspelt option of a tier', () => ({ tiers: { mine: { ttl: 5, swr: 5 } } })],
    ['codec', () => ({ codec: 5 })],
    ['codec of a remote store', () => ({ codec: {}, store: createReferenceServer().connect() })],
    ['a remote store of another make', () => ({ store: { kind: 'remote' } })],
    ['a local store of another make', () => ({ store: { kind: 'local' } })],
    ['maxDrift without a remote store', () => ({ maxDrift: 'soon' })],
    ['lease without a remote store', () => ({ lease: -1 })],
  ])('createCache: %s', async (_, options) => {
    const given = options()
    const whole =
      typeof given === 'object' && given !== null ? { namespace: 'test', store: memoryStore(), ...given } : given
    expect(await codeOf(() => createCache(whole as CacheOptions))).toMatch(/^invalid-(option|duration)$/)
  })

  test('what is undefined is not stated, whatever it is called', () => {
    expect(() => loose().cached(load, { name: 'a', tll: undefined, ttl: undefined })).not.toThrow()
  })

  test('the message says what there is', () => {
    expect(() => loose().cached(load, { name: 'a', tll: '5m' })).toThrow(
      "there is no option 'tll', but name, key, version",
    )
    const store = { ...createReferenceServer().connect(), protocol: undefined }
    expect(() => createCache({ namespace: 'test', store: store as never })).toThrow('@shelflife/core/protocol')
  })
})

const OPTIONS = {
  createCache: [
    'namespace store tiers codec maxLifetime maxDrift partitionTtl lease logger waitUntil clock',
    'isolation softTimeout hardTimeout guard require',
  ],
  cached: [
    'name key version tags context tier ttl staleWhileRevalidate staleIfError jitter earlyRefresh sliding',
    'isolation softTimeout hardTimeout guard require',
  ],
  value: [
    'tags tier ttl staleWhileRevalidate staleIfError jitter earlyRefresh sliding',
    'isolation softTimeout hardTimeout guard require',
  ],
}
const named = (lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(' '))

const CALLS: readonly (readonly [string, readonly string[], (options: unknown) => unknown])[] = [
  [
    'createCache',
    named(OPTIONS.createCache),
    (options) => createCache({ namespace: 'test', store: memoryStore(), ...(options as object) } as CacheOptions),
  ],
  ['cached', named(OPTIONS.cached), (options) => loose().cached(load, { name: 'a', ...(options as object) })],
  ['set', named(OPTIONS.value), (options) => loose().set('key', 1, options)],
  ['getOrLoad', named(OPTIONS.value), (options) => loose().getOrLoad('key', load, options)],
  [
    'memoryStore',
    ['maxEntries', 'maxBytes', 'maxEntryBytes', 'sizeOf', 'clock'],
    (options) => memoryStore(options as object),
  ],
]

/** `load-timeout`: a `hardTimeout` of a millisecond, on a machine that is busy. */
const FINE = /^(accepted|invalid-(option|duration|key)|load-timeout)$/

describe('whatever is given, a ShelflifeError or nothing is thrown', () => {
  test.each(CALLS)('by an option of %s', async (_, names, call) => {
    for (const name of names) {
      for (const value of WRONG_VALUES) {
        const code = await codeOf(() => call({ [name]: value }))
        expect(code, `${name}: ${typeof value} ${Object.prototype.toString.call(value)}`).toMatch(FINE)
      }
    }
  })

  test.each<[string, (value: never) => unknown]>([
    ['createCache', createCache],
    ['cached', (options) => loose().cached(load, options)],
    ['cached, of a function', (fn) => loose().cached(fn, { name: 'a' })],
    ['set', (options) => loose().set('key', 1, options)],
    ['set, of a key', (key) => loose().set(key, 1)],
    ['get', (key) => loose().get(key)],
    ['getOrLoad', (options) => loose().getOrLoad('key', load, options)],
    ['getOrLoad, of a function', (fn) => loose().getOrLoad('key', fn)],
    ['invalidate', (options) => loose().invalidate('key', options)],
    ['invalidateTags', (tags) => loose().invalidateTags(tags)],
    ['clear', (options) => loose().clear(options)],
    ['namespace', (name) => loose().namespace(name)],
    ['on', (type) => loose().on(type, () => {})],
    ['encodeArguments', encodeArguments],
    ['toMilliseconds', (duration) => toMilliseconds(duration, 'ttl')],
    ['memoryStore', memoryStore],
  ])('by what stands in the place of arguments of %s', async (_, call) => {
    for (const value of WRONG_VALUES) {
      const code = await codeOf(() => call(value as never))
      expect(code, `${typeof value} ${Object.prototype.toString.call(value)}`).toMatch(FINE)
    }
  })

  test('a list in the place of options, and a Map, are none', async () => {
    for (const options of [[], new Map(), new Set(), new Date(), Promise.resolve()]) {
      expect(await codeOf(() => loose().set('key', 1, options))).toBe('invalid-option')
      expect(await codeOf(() => memoryStore(options as object))).toBe('invalid-option')
    }
  })
})

describe('what fails leaves nothing behind', () => {
  test.each<[string, object]>([
    ['an option of the protocol', { maxDrift: -1 }],
    ['a codec', { codec: { id: 1000, encode: () => {}, decode: () => {} } }],
  ])('the stores can be given to another cache: %s', (_, options) => {
    const store = [memoryStore(), createReferenceServer().connect()] as const
    expect(() => createCache({ namespace: 'test', store, ...options } as CacheOptions)).toThrow(ShelflifeError)
    const cache = createCache({ namespace: 'test', store })
    return cache.close()
  })

  test('a name can be used when a function could not be wrapped under it', () => {
    const cache = loose()
    for (const options of [{ ttl: -1 }, { tll: 1 }, { key: 5 }, { tags: [{}] }, { tier: 'none' }]) {
      expect(() => cache.cached(load, { name: 'value', ...options })).toThrow(ShelflifeError)
    }
    expect(() => cache.cached(load, { name: 'value' })).not.toThrow()
  })
})

describe('one name for two functions', () => {
  test('is told of in another view of the same namespace, to the console where there is no logger', () => {
    const lines = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => lines.mockRestore())
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    cache.namespace('tenant').cached(async () => 'one', { name: 'value' })
    cache.namespace('tenant').cached(async () => 'one', { name: 'value' })
    cache.namespace('tenant').cached(async () => 'two', { name: 'value', version: 2 })
    cache.namespace('other').cached(async () => 'two', { name: 'value' })
    expect(lines).not.toHaveBeenCalled()
    cache.namespace('tenant').cached(async () => 'two', { name: 'value' })
    expect(lines).toHaveBeenCalledExactlyOnceWith(
      '[shelflife] two functions share their values:',
      expect.stringContaining("name 'value' is in use for another function in namespace 'test/tenant'"),
    )
  })

  test('is none where the function is made anew for each request', async () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    let loads = 0
    const get = (tenant: string) => cache.namespace(tenant).cached(async () => (loads++, tenant), { name: 'value' })
    for (let i = 0; i < 3; i++) for (const tenant of ['a', 'b']) expect(await get(tenant)()).toBe(tenant)
    expect(loads).toBe(2)
  })
})
