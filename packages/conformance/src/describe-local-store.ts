import type { Eviction, LocalStore } from '@shelflife/core'
import { afterEach, describe, expect, test } from 'vitest'

import { describeBounds } from './describe-bounds.ts'
import { describeLooks } from './describe-looks.ts'
import { describeSweep } from './describe-sweep.ts'
import { fakeClock } from './fake-clock.ts'
import type { LocalStoreBounds, LocalStoreInTest } from './local-entry.ts'
import { localEntry } from './local-entry.ts'

const ROOMY = { maxEntries: 1000, maxBytes: 2 ** 20 }

/**
 * A vitest suite of everything a cache relies on in a local store, one guarantee a test.
 *
 * @example describeLocalStore('memoryStore', (bounds) => memoryStore(bounds))
 */
export function describeLocalStore(name: string, create: (bounds: LocalStoreBounds) => LocalStore): void {
  const open: LocalStore[] = []

  function start(bounds: Partial<LocalStoreBounds> = {}): LocalStoreInTest {
    const store = create({ ...ROOMY, clock: fakeClock(), ...bounds })
    open.push(store)
    const evicted: Eviction[] = []
    store.onEvict((eviction) => void evicted.push(eviction))
    return { store, evicted }
  }

  describe(name, () => {
    afterEach(() => {
      for (const store of open.splice(0)) store.close()
    })

    test('says that it is local', () => {
      expect(start().store.kind).toBe('local')
    })

    test('gives back the very entry and value, at once', () => {
      const { store } = start()
      const entry = localEntry({ list: [1] })
      store.set('key', entry)
      expect(store.get('key')).toBe(entry)
      expect(store.get('key')?.value).toBe(entry.value)
    })

    test('keeps any value', () => {
      const { store } = start()
      const values = [null, undefined, 0, false, '', NaN, new Map([[{}, 1]]), () => 1, Symbol('a'), new Date(0)]
      for (const [i, value] of values.entries()) {
        store.set(String(i), localEntry(value))
        expect(store.get(String(i))?.value).toBe(value)
      }
    })

    test('keeps apart keys that differ in any way', () => {
      const { store } = start()
      const keys = ['', ' ', 'a', 'A', 'a\0', '__proto__', 'constructor', 'toString', '0', '00', 'é', 'e\u0301']
      for (const key of keys) expect(store.get(key)).toBeUndefined()
      for (const key of keys) store.set(key, localEntry(key))
      for (const key of keys) expect(store.get(key)?.value).toBe(key)
    })

    test('set replaces, delete removes, and neither is an eviction', () => {
      const { store, evicted } = start()
      store.set('key', localEntry('old'))
      store.set('key', localEntry('new'))
      expect(store.get('key')?.value).toBe('new')
      store.delete('key')
      store.delete('unknown')
      expect(store.get('key')).toBeUndefined()
      expect(evicted).toEqual([])
    })

    test('clear drops everything, and that is no eviction', () => {
      const { store, evicted } = start()
      for (let i = 0; i < 100; i++) store.set(String(i), localEntry(i))
      store.clear()
      expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
      expect(store.get('1')).toBeUndefined()
      expect(evicted).toEqual([])
      store.set('1', localEntry('again'))
      expect(store.get('1')?.value).toBe('again')
    })

    test('usage counts each entry once, by its size', () => {
      const { store } = start()
      expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
      store.set('small', localEntry('a', 100))
      const small = store.usage().bytes
      expect(small).toBeGreaterThanOrEqual(100)
      store.set('large', localEntry('b', 100_000))
      expect(store.usage().entries).toBe(2)
      expect(store.usage().bytes - small).toBeGreaterThanOrEqual(100_000)
      store.set('large', localEntry('b', 100))
      expect(store.usage().bytes).toBeLessThan(10_000)
      store.delete('large')
      expect(store.usage()).toEqual({ entries: 1, bytes: small })
    })

    test('get counts as a use: what is used stays longer', () => {
      const { store, evicted } = start({ maxEntries: 10 })
      for (let i = 0; i < 10; i++) store.set(String(i), localEntry(i))
      store.get('0')
      store.set('10', localEntry(10))
      expect(store.get('0')).toBeDefined()
      expect(evicted.map(({ key }) => key)).toEqual(['1'])
    })

    test('works without a listener', () => {
      const store = create({ maxEntries: 2, maxBytes: 10_000, clock: fakeClock() })
      open.push(store)
      for (let i = 0; i < 10; i++) store.set(String(i), localEntry(i, i === 5 ? 20_000 : 10))
      expect(store.usage().entries).toBe(2)
    })

    describeLooks(start)
    describeBounds(start)
    describeSweep(start)
  })
}
