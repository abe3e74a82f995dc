import type { Cache, CacheOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { deflated } from './deflated.ts'
import { fakeClock } from './fake-clock.ts'
import { liveObjects, shutObject } from './live-objects.ts'
import type { LocalStoreBounds, LocalStoreInTest } from './local-entry.ts'
import { localEntry } from './local-entry.ts'
import { createReferenceServer } from './reference-store.ts'

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

    test('is bounded in bytes by what values take in memory, which it estimates', () => {
      const { store } = start({ maxBytes: 100_000 })
      for (let i = 0; i < 1000; i++) store.set(String(i), localEntry(String(i).padStart(1000)))
      expect(store.usage().entries).toBeGreaterThan(10)
      expect(store.usage().entries).toBeLessThan(100)
      expect(store.usage().bytes).toBeLessThanOrEqual(100_000)
    })

    test('what a remote store keeps compressed counts as what it is here', async () => {
      const clock = fakeClock()
      const server = createReferenceServer({ clock })
      const { store: local } = start({ maxBytes: 100_000 })
      const open = (store: CacheOptions['store']): Cache =>
        createCache({ namespace: 'compressed', store, codec: deflated, clock })
      const [cache, other] = [open([local, server.connect()]), open(server.connect())]
      for (let i = 0; i < 100; i++) await other.set(String(i), String(i).padStart(10_000), { ttl: '1h' })
      for (let i = 0; i < 100; i++) expect(await cache.get(String(i))).toBe(String(i).padStart(10_000))
      expect(cache.stats().entries).toBeGreaterThan(0)
      expect(cache.stats().entries).toBeLessThan(10)
      expect(cache.stats().bytes).toBeLessThanOrEqual(100_000)
      await Promise.all([cache.close(), other.close()])
    })

    test('tags that an entry keeps for itself count', () => {
      const { store } = start({ maxBytes: 100_000 })
      for (let i = 0; i < 1000; i++) store.set(String(i), localEntry(i, 1000))
      expect(store.usage().entries).toBeLessThan(100)
    })

    test('a value that cannot be looked into fails nobody: it is kept, or told to be unsized and not kept', () => {
      const { store, evicted } = start()
      store.set('key', localEntry('old'))
      const shut = localEntry(shutObject())
      store.set('key', shut)
      if (evicted.length === 0) return expect(store.get('key')).toBe(shut)
      expect(store.get('key')).toBeUndefined()
      expect(evicted).toEqual([{ key: 'key', entry: shut, reason: 'unsized', error: expect.any(Error) as Error }])
    })

    test('runs no code of a value: no getter, no iterator, no promise', () => {
      const { store } = start()
      const ran: string[] = []
      for (const [name, value] of Object.entries(liveObjects(ran))) store.set(name, localEntry(value))
      expect(ran).toEqual([])
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
