import { describe, expect, test } from 'vitest'

import type { LocalStoreBounds, LocalStoreInTest } from './local-entry.ts'
import { localEntry } from './local-entry.ts'

/** Part of `describeLocalStore`: what has to go, and how that is told. */
export function describeBounds(start: (bounds?: Partial<LocalStoreBounds>) => LocalStoreInTest): void {
  describe('bounds', () => {
    test('is bounded in entries and reports every one that had to go', () => {
      const { store, evicted } = start({ maxEntries: 10 })
      const entries = Array.from({ length: 100 }, (_, i) => localEntry(i))
      for (const [i, entry] of entries.entries()) {
        store.set(String(i), entry)
        expect(store.usage().entries).toBeLessThanOrEqual(10)
        expect(store.get(String(i))).toBe(entry)
      }
      expect(evicted).toHaveLength(100 - store.usage().entries)
      for (const { key, entry, reason } of evicted) {
        expect(reason).toBe('space')
        expect(entry).toBe(entries[Number(key)])
        expect(store.get(key)).toBeUndefined()
      }
    })

    test('is bounded in bytes and reports every one that had to go', () => {
      const { store, evicted } = start({ maxBytes: 50_000 })
      for (let i = 0; i < 200; i++) {
        store.set(String(i), localEntry(i, 1000 + (i % 7) * 500))
        expect(store.usage().bytes).toBeLessThanOrEqual(50_000)
        expect(store.get(String(i))?.value).toBe(i)
      }
      expect(store.usage().entries).toBeGreaterThan(5)
      expect(evicted).toHaveLength(200 - store.usage().entries)
      expect(new Set(evicted.map(({ reason }) => reason))).toEqual(new Set(['space']))
    })

    test('is bounded in bytes also where the size has to be estimated', () => {
      const { store } = start({ maxBytes: 100_000 })
      const text = (i: number): string => String(i).padStart(1000)
      for (let i = 0; i < 1000; i++) store.set(String(i), { value: text(i), keepUntil: Infinity, bytes: undefined })
      expect(store.usage().entries).toBeGreaterThan(10)
      expect(store.usage().entries).toBeLessThan(110)
      expect(store.usage().bytes).toBeLessThanOrEqual(100_000)
    })

    test('an entry that grows makes room for itself', () => {
      const { store, evicted } = start({ maxBytes: 10_000 })
      store.set('grows', localEntry('old', 100))
      for (let i = 0; i < 5; i++) store.set(String(i), localEntry(i, 1000))
      store.set('grows', localEntry('new', 8500))
      expect(store.get('grows')?.value).toBe('new')
      expect(store.usage().bytes).toBeLessThanOrEqual(10_000)
      expect(evicted.map(({ key }) => key)).not.toContain('grows')
    })

    test('what is larger than the store is reported, not kept, and takes the old one with it', () => {
      const { store, evicted } = start({ maxBytes: 10_000 })
      store.set('other', localEntry('other'))
      store.set('key', localEntry('old'))
      const large = localEntry('large', 20_000)
      store.set('key', large)
      expect(store.get('key')).toBeUndefined()
      expect(store.get('other')?.value).toBe('other')
      expect(store.usage().entries).toBe(1)
      expect(evicted).toEqual([{ key: 'key', entry: large, reason: 'oversized' }])
    })
  })
}
