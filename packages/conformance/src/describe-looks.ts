import { describe, expect, test } from 'vitest'

import type { LocalStoreBounds, LocalStoreInTest } from './local-entry.ts'
import { localEntry } from './local-entry.ts'

/** Part of `describeLocalStore`: what the cache looks at while nobody uses it. */
export function describeLooks(start: (bounds?: Partial<LocalStoreBounds>) => LocalStoreInTest): void {
  describe('looks', () => {
    test('peek gives the very entry too, or nothing', () => {
      const { store } = start()
      const entry = localEntry('value')
      store.set('key', entry)
      expect(store.peek('key')).toBe(entry)
      store.delete('key')
      for (const key of ['key', 'unknown', '__proto__']) expect(store.peek(key)).toBeUndefined()
    })

    test('peek is no use: what is only looked at goes as if it were not', () => {
      const { store, evicted } = start({ maxEntries: 10 })
      for (let i = 0; i < 10; i++) store.set(String(i), localEntry(i))
      for (let i = 0; i < 3; i++) store.peek(String(i))
      for (let i = 10; i < 13; i++) store.set(String(i), localEntry(i))
      expect(evicted.map(({ key }) => key)).toEqual(['0', '1', '2'])
    })

    test('keys gives each key once, and that is no use of the entries', () => {
      const { store, evicted } = start({ maxEntries: 10 })
      expect([...store.keys()]).toEqual([])
      for (let i = 0; i < 12; i++) store.set(String(i), localEntry(i))
      store.delete('5')
      expect([...store.keys()].toSorted()).toEqual(['10', '11', '2', '3', '4', '6', '7', '8', '9'])
      for (let i = 12; i < 16; i++) store.set(String(i), localEntry(i))
      expect(evicted.map(({ key }) => key)).toEqual(['0', '1', '2', '3', '4'])
      store.clear()
      expect([...store.keys()]).toEqual([])
    })

    test('keys leaves out no entry that stays, whatever happens while one goes through them', () => {
      const { store, evicted } = start({ maxEntries: 100 })
      for (let i = 0; i < 100; i++) store.set(String(i), localEntry(i))
      // of the numbers that are passed by, some are used, some replaced, and some deleted so that others take their place
      const seen = new Set<string>()
      let step = 0
      for (const key of store.keys()) {
        seen.add(key)
        const one = (step * 37) % 100
        step++
        if (one % 4 === 1) store.get(String(one))
        else if (one % 4 === 2) store.set(String(one), localEntry('again'))
        else if (one % 4 === 3) store.delete(String(one))
        if (step % 10 === 0) store.delete(key)
        if (step < 30) store.set(`new ${step}`, localEntry(step))
        if (step > 1000) break
      }
      const gone = new Set(evicted.map(({ key }) => key))
      const stayed = Array.from({ length: 100 }, (_, i) => String(i)).filter((key) => store.peek(key) && !gone.has(key))
      expect(stayed.length).toBeGreaterThan(30)
      expect(stayed.filter((key) => !seen.has(key))).toEqual([])
    })

    test('a second one goes through them beside the first', () => {
      const { store } = start()
      for (let i = 0; i < 10; i++) store.set(String(i), localEntry(i))
      const first = store.keys()[Symbol.iterator]()
      for (let i = 0; i < 5; i++) first.next()
      expect([...store.keys()]).toHaveLength(10)
      const others: unknown[] = []
      for (let next = first.next(); next.done !== true; next = first.next()) others.push(next.value)
      expect(others).toHaveLength(5)
    })
  })
}
