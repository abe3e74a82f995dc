import type { Eviction } from '@shelflife/core'
import { createCache, ShelflifeError } from '@shelflife/core'
import { describeLocalStore, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test, vi } from 'vitest'

import { runChild } from './run-child.ts'

describeLocalStore('memoryStore', (bounds) => memoryStore(bounds))

const entry = (value: unknown, keepUntil = Infinity) => ({ value, keepUntil, tagBytes: 0 })

describe('options of memoryStore', () => {
  const wrong = [0, -1, 1.5, NaN, Infinity, '10']

  for (const option of ['maxEntries', 'maxBytes'] as const) {
    test(`${option} that is not a whole number from 1 is refused by name`, () => {
      for (const value of wrong) {
        const create = (): unknown => memoryStore({ [option]: value })
        expect(create).toThrow(ShelflifeError)
        expect(create).toThrow(expect.objectContaining({ code: 'invalid-option' }))
        expect(create).toThrow(
          `${option} must be a whole number from 1; received ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
        )
      }
    })

    test(`${option} may be more than anything has`, () => {
      const store = memoryStore({ [option]: 2 ** 60 })
      store.set('a', entry(1))
      expect(store.usage().entries).toBe(1)
      store.close()
    })

    test(`${option} may be 1`, () => {
      const store = memoryStore({ [option]: 1 })
      store.set('a', entry(1))
      store.set('b', entry(2))
      expect(store.usage().entries).toBeLessThanOrEqual(1)
      store.close()
    })
  }

  test('without options it is bounded to 50,000 entries and 64 MiB', () => {
    const byCount = memoryStore()
    for (let i = 0; i < 50_010; i++) byCount.set(String(i), entry(i))
    expect(byCount.usage().entries).toBe(50_000)
    byCount.close()

    const bySize = memoryStore()
    for (let i = 0; i < 70; i++) bySize.set(String(i), { ...entry(i), tagBytes: 2 ** 20 - 500 })
    expect(bySize.usage().entries).toBe(64)
    expect(bySize.usage().bytes).toBeLessThanOrEqual(64 * 2 ** 20)
    bySize.close()
  })

  test('a list is no options', () => {
    expect(() => memoryStore([] as never)).toThrow('options of memoryStore() must be an object; received an array')
  })

  test('sizeOf is asked once for each entry', () => {
    const sizeOf = vi.fn(() => 10_000)
    const store = memoryStore({ sizeOf })
    const first = entry('value')
    store.set('key', first)
    expect(store.usage().bytes).toBeGreaterThanOrEqual(10_000)
    expect(sizeOf).toHaveBeenCalledExactlyOnceWith('value')
    store.set('key', first)
    expect(sizeOf).toHaveBeenCalledOnce()
    store.set('key', entry('other'))
    expect(sizeOf).toHaveBeenCalledTimes(2)
    store.close()
  })

  const failing = [NaN, -1, Infinity, undefined as unknown as number].map(
    (size) => [`what sizeOf returns must be a number from 0; received ${size}`, () => size] as const,
  )
  const throwing = () => {
    throw new Error('it throws')
  }
  test.for([...failing, ['it throws', throwing] as const])(
    'an entry that sizeOf fails for is not kept, nor is the one before it, and that is told: %s',
    ([message, sizeOf]) => {
      const sizes = vi.fn<(value: unknown) => number>(() => 1)
      const store = memoryStore({ sizeOf: sizes })
      const evicted: Eviction[] = []
      store.onEvict((eviction) => void evicted.push(eviction))
      store.set('key', entry('old'))
      sizes.mockImplementation(sizeOf)
      store.set('key', entry('new'))
      expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
      expect(evicted).toEqual([
        { key: 'key', entry: entry('new'), reason: 'unsized', error: expect.objectContaining({ message }) },
      ])
      store.close()
    },
  )

  test('maxEntries beyond what fits into memory means that bytes alone count', () => {
    const store = memoryStore({ maxEntries: Number.MAX_SAFE_INTEGER, maxBytes: 100_000 })
    for (let i = 0; i < 1000; i++) store.set(String(i), entry(i))
    expect(store.usage().entries).toBeGreaterThan(100)
    expect(store.usage().bytes).toBeLessThanOrEqual(100_000)
    store.close()
  })
})

describe('memoryStore', () => {
  test('evicts what was used longest ago first', () => {
    const store = memoryStore({ maxEntries: 3 })
    const evicted: string[] = []
    store.onEvict(({ key }) => void evicted.push(key))
    for (const key of ['a', 'b', 'c']) store.set(key, entry(key))
    store.get('a')
    store.set('b', entry('again'))
    for (const key of ['d', 'e', 'f']) store.set(key, entry(key))
    expect(evicted).toEqual(['c', 'a', 'b'])
    store.close()
  })

  test('what was used since the last insertion stays longer than what was not, in the order of first use', () => {
    const store = memoryStore({ maxEntries: 4 })
    const evicted: string[] = []
    store.onEvict(({ key }) => void evicted.push(key))
    for (const key of ['a', 'b', 'c', 'd']) store.set(key, entry(key))
    for (const key of ['b', 'a', 'b', 'b', 'a', 'b']) store.get(key)
    for (const key of ['e', 'f', 'g', 'h']) store.set(key, entry(key))
    expect(evicted).toEqual(['c', 'd', 'b', 'a'])
    store.close()
  })

  test('no use is overlooked: whatever is used between two insertions outlives whatever is not', () => {
    const entries = 8
    const store = memoryStore({ maxEntries: entries })
    const present = new Set<string>()
    const used = new Set<string>()
    const evicted: string[] = []
    store.onEvict(({ key }) => void evicted.push(key))
    for (let i = 0; i < 2000; i++) {
      for (let uses = (i * 7) % 12; uses > 0; uses--) {
        const key = String(i - 1 - ((uses * uses * 5 + i) % entries))
        if (store.get(key) !== undefined) used.add(key)
      }
      present.add(String(i))
      used.add(String(i))
      const hasOther = [...present].some((key) => !used.has(key))
      store.set(String(i), entry(i))
      for (const key of evicted.splice(0)) {
        expect(hasOther && used.has(key)).toBe(false)
        present.delete(key)
      }
      // the new one counts as used, whatever was used before does not any more
      used.clear()
      used.add(String(i))
      expect(store.usage().entries).toBe(present.size)
    }
    store.close()
  })

  test('counts the key and the entry itself, so that tiny values are bounded too', () => {
    const store = memoryStore({ maxBytes: 100_000 })
    for (let i = 0; i < 10_000; i++) store.set(`a key of some length that is ${i}`, entry(null))
    expect(store.usage().entries).toBeLessThan(500)
    store.close()
  })

  test('sweeps a large store in parts, so that nobody waits for all of it', () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const evicted: Eviction[] = []
    store.onEvict((eviction) => void evicted.push(eviction))
    for (let i = 0; i < 10_000; i++) store.set(String(i), entry(i, clock.now() + 1000))
    clock.advance(30_000)
    expect(evicted).toHaveLength(2000)
    clock.advance(1)
    expect(evicted).toHaveLength(4000)
    clock.advance(10)
    expect(evicted).toHaveLength(10_000)
    expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
    expect(clock.pending()).toBe(0)
  })

  test('works in a cache, which reports what it evicts', async () => {
    const cache = createCache({ namespace: 'test', store: memoryStore({ maxEntries: 2 }) })
    const evicted: string[] = []
    cache.on('evict', ({ key, reason }) => void evicted.push(`${key} ${reason}`))
    const double = cache.cached(async (n: number) => n * 2, { name: 'double', ttl: '1m' })
    for (const n of [1, 2, 3]) expect(await double(n)).toBe(n * 2)
    expect(evicted).toEqual([`${double.key(1)} space`])
    await cache.close()
  })

  describe('in a cache, what cannot be measured is handed out all the same', () => {
    function open(options: Parameters<typeof memoryStore>[0], value: () => unknown) {
      const cache = createCache({ namespace: 'test', store: memoryStore(options), isolation: 'share' })
      const skipped: unknown[] = []
      cache.on('skip', (event) => void skipped.push(event))
      return { cache, skipped, get: cache.cached(async () => value(), { name: 'value', ttl: '1m' }) }
    }
    const sizeOf = () => {
      throw new Error('no size')
    }
    const shut = new Proxy({}, { getPrototypeOf: sizeOf, ownKeys: sizeOf })

    test.for([
      ['a sizeOf that throws', { sizeOf }, { id: 1 }],
      ['a proxy that throws', {}, { shut }],
    ] as const)('%s', async ([, options, value]) => {
      const { cache, skipped, get } = open(options, () => value)
      expect(await get()).toBe(value)
      const told = { key: get.key(), name: 'value', because: 'unsupported', error: new Error('no size') }
      expect(skipped).toEqual([told])
      await expect(get.set(value)).resolves.toEqual({ local: true, remote: 'none' })
      expect(cache.stats()).toMatchObject({ entries: 0, evictions: 0 })
      await cache.close()
    })

    test('getters are not run, so what they throw or promise does not matter', async () => {
      class Order {
        id = 1
        constructor() {
          const get = () => Promise.reject(new Error('no session'))
          Object.defineProperty(this, 'customer', { get, enumerable: true })
          Object.defineProperty(this, 'lines', { get: sizeOf, enumerable: true })
        }
      }
      const order = new Order()
      const { cache, skipped, get } = open({}, () => order)
      expect(await get()).toBe(order)
      await get.set(order)
      expect(await get()).toBe(order)
      expect(skipped).toEqual([])
      expect(cache.stats()).toMatchObject({ entries: 1, loads: 1 })
      await cache.close()
    })
  })

  test('lets the process end although it was never closed', async () => {
    expect(await runChild('leaves-by-itself', { timeout: 5000 })).toBe('1000 entries')
  })
})

test.each<[string, unknown]>([
  ['a number', 5],
  ['null', null],
  ['an option that there is not', { maxByte: 5 }],
  ['a sizeOf that is a number', { sizeOf: 5 }],
  ['a clock that is none', { clock: Date }],
  ['a text', { maxBytes: '5' }],
  ['an object without a prototype', { maxEntries: Object.create(null) as object }],
  ['a symbol', { maxEntries: Symbol('many') }],
])('options that are none are refused: %s', (_, options) => {
  expect(() => memoryStore(options as never)).toThrow(expect.objectContaining({ code: 'invalid-option' }))
})
