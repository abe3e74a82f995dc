import { describe, expect, test } from 'vitest'

import { fakeClock } from './fake-clock.ts'
import type { LocalStoreBounds, LocalStoreInTest } from './local-entry.ts'
import { localEntry } from './local-entry.ts'

const MINUTE = 60_000
/** Until what has expired must be gone. */
const SOON = 5 * MINUTE

/** Part of `describeLocalStore`: time, timers, and the end. */
export function describeSweep(start: (bounds?: Partial<LocalStoreBounds>) => LocalStoreInTest): void {
  describe('sweep', () => {
    test('takes out what has expired, without anybody asking, and reports it', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock })
      const expires = localEntry('expires', 10, clock.now() + MINUTE)
      store.set('expires', expires)
      store.set('stays', localEntry('stays', 10, clock.now() + 10 * SOON))
      store.set('forever', localEntry('forever'))
      clock.advance(SOON)
      expect(evicted).toEqual([{ key: 'expires', entry: expires, reason: 'expired' }])
      expect(store.usage().entries).toBe(2)
      expect(store.get('expires')).toBeUndefined()
      expect(store.get('stays')).toBeDefined()
      expect(store.get('forever')).toBeDefined()
    })

    test('does not take out what has not expired yet', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock })
      store.set('key', localEntry('value', 10, clock.now() + SOON))
      clock.advance(SOON - 1)
      expect(store.get('key')).toBeDefined()
      expect(evicted).toEqual([])
    })

    test('goes on: later entries are swept too', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock })
      for (let i = 1; i <= 5; i++) {
        store.set('key', localEntry(i, 10, clock.now() + MINUTE))
        clock.advance(SOON)
        expect(evicted).toHaveLength(i)
      }
    })

    test('looks at all entries, however many, also while they are used and replaced', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock, maxEntries: 20_000, maxBytes: 2 ** 30 })
      const keepUntil = clock.now() + MINUTE
      for (let i = 0; i < 10_000; i++) store.set(String(i), localEntry(i, 10, i % 2 === 0 ? keepUntil : Infinity))
      for (let i = 0; i < SOON; i += 10_000) {
        clock.advance(10_000)
        store.get(String((i / 10_000) * 300 + 1))
        store.delete(String((i / 10_000) * 300 + 3))
      }
      clock.advance(SOON)
      expect(evicted).toHaveLength(5000)
      expect(store.usage().entries).toBe(5000 - SOON / 10_000)
    })

    test('an expired entry that was replaced is not swept', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock })
      store.set('key', localEntry('old', 10, clock.now() + MINUTE))
      store.set('key', localEntry('new'))
      clock.advance(SOON)
      expect(store.get('key')?.value).toBe('new')
      expect(evicted).toEqual([])
    })

    test('has one timer, however many entries', () => {
      const clock = fakeClock()
      const { store } = start({ clock })
      for (let i = 0; i < 1000; i++) store.set(String(i), localEntry(i, 10, clock.now() + MINUTE + i))
      expect(clock.pending()).toBeLessThanOrEqual(1)
      for (let i = 0; i < 10; i++) clock.advance(MINUTE / 4)
      expect(clock.pending()).toBeLessThanOrEqual(1)
    })

    test('an empty store has no timer in the end', () => {
      const clock = fakeClock()
      const { store } = start({ clock })
      store.set('key', localEntry('value', 10, clock.now() + MINUTE))
      clock.advance(SOON)
      expect(clock.pending()).toBe(0)
      store.set('key', localEntry('value'))
      store.clear()
      clock.advance(SOON)
      expect(clock.pending()).toBe(0)
    })
  })

  describe('close', () => {
    test('leaves no entry and no timer, and is no eviction', () => {
      const clock = fakeClock()
      const { store, evicted } = start({ clock })
      for (let i = 0; i < 100; i++) store.set(String(i), localEntry(i, 10, clock.now() + MINUTE))
      store.close()
      expect(clock.pending()).toBe(0)
      expect(store.usage()).toEqual({ entries: 0, bytes: 0 })
      expect(store.get('1')).toBeUndefined()
      expect(evicted).toEqual([])
    })

    test('may be repeated', () => {
      const { store } = start()
      store.close()
      expect(() => store.close()).not.toThrow()
    })

    test('what is set afterwards is not kept', () => {
      const clock = fakeClock()
      const { store } = start({ clock })
      store.close()
      store.set('late', localEntry('late', 10, clock.now() + MINUTE))
      expect(store.get('late')).toBeUndefined()
      expect(clock.pending()).toBe(0)
    })
  })
}
