import type { Eviction } from '@shelflife/core'
import { createCache, ShelflifeError } from '@shelflife/core'
import { describeLocalStore, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test, vi } from 'vitest'

import { runChild } from './run-child.ts'

describeLocalStore('memoryStore', (bounds) => memoryStore(bounds))

const entry = (value: unknown, keepUntil = Infinity) => ({ value, keepUntil, bytes: undefined })

describe('options of memoryStore', () => {
  const wrong = [0, -1, 1.5, NaN, Infinity, 2 ** 53, '10' as unknown as number, null as unknown as number]

  for (const option of ['maxEntries', 'maxBytes'] as const) {
    test(`${option} that is not a whole number from 1 is refused by name`, () => {
      for (const value of wrong.filter((one) => one !== null)) {
        const create = (): unknown => memoryStore({ [option]: value })
        expect(create).toThrow(ShelflifeError)
        expect(create).toThrow(expect.objectContaining({ code: 'invalid-option' }))
        expect(create).toThrow(`${option} must be a whole number from 1; received ${value}`)
      }
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
    for (let i = 0; i < 70; i++) bySize.set(String(i), { ...entry(i), bytes: 2 ** 20 - 300 })
    expect(bySize.usage().entries).toBe(64)
    expect(bySize.usage().bytes).toBeLessThanOrEqual(64 * 2 ** 20)
    bySize.close()
  })

  test('sizeOf is asked where the size is not known, and only there', () => {
    const sizeOf = vi.fn(() => 10_000)
    const store = memoryStore({ sizeOf })
    store.set('estimated', entry('value'))
    expect(store.usage().bytes).toBeGreaterThanOrEqual(10_000)
    expect(sizeOf).toHaveBeenCalledExactlyOnceWith('value')
    store.set('known', { ...entry('other'), bytes: 5 })
    expect(sizeOf).toHaveBeenCalledOnce()
    store.close()
  })

  test('a sizeOf that does not return a number from 0 is refused', () => {
    for (const size of [NaN, -1, Infinity, undefined as unknown as number]) {
      const store = memoryStore({ sizeOf: () => size })
      expect(() => store.set('key', entry(1))).toThrow(expect.objectContaining({ code: 'invalid-option' }))
      expect(() => store.set('key', entry(1))).toThrow(`sizeOf must return a number from 0; received ${size}`)
      expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
      store.close()
    }
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
    for (let i = 0; i < 10_000; i++) store.set(`a key of some length that is ${i}`, { ...entry(null), bytes: 0 })
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

  test('lets the process end although it was never closed', async () => {
    expect(await runChild('leaves-by-itself', { timeout: 5000 })).toBe('1000 entries')
  })
})
