import { describe, expect } from 'vitest'

import { ask, begin, commit, fill, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

export function describeTouch({ name, test, time }: StoreSuite): void {
  const { clock, advance, accuracy = 0 } = time

  describe('touch', () => {
    test('makes a fresh record so for another ttl, counted from now', async (store) => {
      const key = name()
      await fill(store, key, { ttl: LONG })
      const earliest = clock.now() + 2 * LONG - accuracy
      await store.touch({ key, ttl: 2 * LONG, keep: 3 * LONG })
      const { record } = await store.read(key, [])
      expect(record?.freshUntil).toBeGreaterThanOrEqual(earliest)
      expect(record?.freshUntil).toBeLessThanOrEqual(clock.now() + 2 * LONG + accuracy)
      expect((await ask(store, { key })).state).toBe('filled')
    })

    test('leaves stale what has become stale', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT })
      await advance(PAST)
      await store.touch({ key, ttl: LONG, keep: 2 * LONG })
      expect((await ask(store, { key })).state).toBe('granted')
    })

    test('does not undo an expiry, also one that comes before it', async (store) => {
      const key = name()
      await fill(store, key, { ttl: LONG })
      await store.expire([key])
      await store.touch({ key, ttl: LONG, keep: 2 * LONG })
      expect((await ask(store, { key })).state).toBe('granted')
    })

    test('changes neither the bytes nor when they were created', async (store) => {
      const key = name()
      await fill(store, key, { age: 5000 })
      const before = (await store.read(key, [])).record
      await store.touch({ key, ttl: LONG, keep: 2 * LONG })
      const after = (await store.read(key, [])).record
      expect(after?.envelope).toEqual(before?.envelope)
      expect(Math.abs(Number(after?.createdAt) - Number(before?.createdAt))).toBeLessThanOrEqual(2 * accuracy)
    })

    test('keeps the record longer', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT, keep: SHORT })
      await store.touch({ key, ttl: LONG, keep: LONG })
      await advance(PAST)
      expect(await textOf(store, key)).toBe('old')
    })

    test('can make a record last until it is invalidated', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT, keep: SHORT })
      await store.touch({ key, ttl: Infinity, keep: Infinity })
      await advance(PAST)
      expect((await store.read(key, [])).record?.freshUntil).toBe(Infinity)
    })

    test('does not bring back what was invalidated', async (store) => {
      const key = name()
      await fill(store, key)
      await store.invalidate([key])
      await store.touch({ key, ttl: LONG, keep: LONG })
      expect(await textOf(store, key)).toBeUndefined()
      expect((await ask(store, { key })).state).toBe('granted')
    })

    test('leaves the fence of a running load alone', async (store) => {
      const key = name()
      await fill(store, key)
      const grant = await begin(store, { key, mode: 'early' })
      await store.touch({ key, ttl: LONG, keep: 2 * LONG })
      expect(await commit(store, grant)).toBe(true)
    })
  })
}
