import { describe, expect } from 'vitest'

import { ask, begin, bytes, commit, fill, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

export function describeInvalidation({ connect, name, test, time }: StoreSuite): void {
  const { clock, advance, accuracy = 0 } = time

  describe('invalidate', () => {
    test('removes the records, for every process', async (store) => {
      const [one, two, other] = [name(), name(), name()]
      for (const key of [one, two, other]) await fill(store, key)
      await store.invalidate([one, two])
      const reader = await connect()
      expect(await textOf(reader, one)).toBeUndefined()
      expect(await textOf(reader, two)).toBeUndefined()
      expect(await textOf(reader, other)).toBe('old')
    })

    test('removes the fences of all its keys and of no other', async (store) => {
      const keys = [name(), name(), name()]
      const [one, two, other] = await Promise.all(keys.map((key) => begin(store, { key })))
      await (await connect()).invalidate(keys.slice(0, 2))
      expect(one && (await commit(store, one))).toBe(false)
      expect(two && (await commit(store, two))).toBe(false)
      expect(other && (await commit(store, other))).toBe(true)
    })

    test('gives the next load another fence', async (store) => {
      const first = await begin(store, { key: name() })
      await store.invalidate([first.key])
      const second = await begin(store, { key: first.key })
      expect(second.fence).not.toBe(first.fence)
      expect(await commit(store, second)).toBe(true)
    })

    test('may be repeated, and may name what is not there or nothing', async (store) => {
      const key = name()
      await fill(store, key)
      await store.invalidate([key])
      await store.invalidate([key, name()])
      await store.invalidate([])
      expect(await textOf(store, key)).toBeUndefined()
    })

    test('works for many keys at once', async (store) => {
      const keys = Array.from({ length: 300 }, () => name())
      await Promise.all(keys.map((key) => fill(store, key)))
      await store.invalidate(keys)
      expect(await Promise.all(keys.map((key) => textOf(store, key)))).toEqual(keys.map(() => undefined))
    })
  })

  describe('expire', () => {
    test('makes records stale now and keeps their bytes', async (store) => {
      const [one, two, other] = [name(), name(), name()]
      for (const key of [one, two, other]) await fill(store, key, { envelope: bytes('kept') })
      await store.expire([one, two])
      const reader = await connect()
      for (const key of [one, two]) {
        const { record } = await reader.read(key, [])
        expect(record?.envelope).toEqual(bytes('kept'))
        expect(record?.freshUntil).toBeLessThanOrEqual(clock.now() + accuracy)
        expect((await ask(reader, { key })).state).toBe('granted')
      }
      expect((await ask(reader, { key: other })).state).toBe('filled')
    })

    test('does not change when the value was created', async (store) => {
      const key = name()
      await fill(store, key, { age: 5000 })
      const before = (await store.read(key, [])).record
      await store.expire([key])
      const after = (await store.read(key, [])).record
      expect(Math.abs(Number(after?.createdAt) - Number(before?.createdAt))).toBeLessThanOrEqual(2 * accuracy)
    })

    test('does not move the end of a ttl that is over', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT })
      const before = (await store.read(key, [])).record
      await advance(PAST)
      await store.expire([key])
      const after = (await store.read(key, [])).record
      expect(after?.freshUntil).toBeLessThanOrEqual(Number(before?.freshUntil) + 2 * accuracy)
    })

    test('makes stale what was to be fresh until invalidated', async (store) => {
      const key = name()
      await fill(store, key, { ttl: Infinity, keep: Infinity })
      await store.expire([key])
      expect((await store.read(key, [])).record?.freshUntil).toBeLessThanOrEqual(clock.now() + accuracy)
    })

    test('does not keep a record longer', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT, keep: SHORT })
      await store.expire([key])
      await advance(PAST)
      expect(await textOf(store, key)).toBeUndefined()
    })

    test('removes the fences of all its keys and of no other', async (store) => {
      const keys = [name(), name(), name()]
      const [one, two, other] = await Promise.all(keys.map((key) => begin(store, { key })))
      await (await connect()).expire(keys.slice(0, 2))
      expect(one && (await commit(store, one))).toBe(false)
      expect(two && (await commit(store, two))).toBe(false)
      expect(other && (await commit(store, other))).toBe(true)
    })

    test('may be repeated, and may name what is not there or nothing', async (store) => {
      const [key, unknown] = [name(), name()]
      await fill(store, key)
      await store.expire([key])
      await store.expire([key, unknown])
      await store.expire([])
      expect(await textOf(store, key)).toBe('old')
      expect(await textOf(store, unknown)).toBeUndefined()
      expect(await commit(store, await begin(store, { key }), { ttl: LONG })).toBe(true)
    })

    test('works for many keys at once', async (store) => {
      const keys = Array.from({ length: 300 }, () => name())
      await Promise.all(keys.map((key) => fill(store, key)))
      await store.expire(keys)
      const opened = await Promise.all(keys.map((key) => ask(store, { key })))
      expect(opened.every(({ state }) => state === 'granted')).toBe(true)
    })
  })
}
