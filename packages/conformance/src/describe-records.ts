import * as fc from 'fast-check'
import { describe, expect } from 'vitest'

import { codePoint } from './code-point.ts'
import { begin, bytes, commit, fill, textOf } from './store-actions.ts'
import type { StoreSuite } from './store-suite.ts'
import { LONG, PAST, SHORT } from './store-suite.ts'

/** Keys that a careless store takes for one another, for a pattern, or for something of its own. */
const ODD_KEYS = [
  ['a', 'A', ' a', 'a ', 'a\n', 'a\r\n', 'a\0', 'a\0b', '\0a'],
  ['{a}', '{a}b', 'b{a}', '{}', '}{', '{{a}}', 'a:b', 'a::b', 'a/b', 'a//b', 'a#b', 'a.b', 'a,b'],
  ['*', '?', '[ab]', '\\*', '%', '%00', '%2F', '$&', '"a"', "'a'", '`a`', '<a>', '&amp;', 'a+b', 'a b'],
  ['é', 'e\u0301', 'ﬁ', 'fi', '日本', '👩‍👩‍👧', '👩', '\u200b', '\ufeff', '\u{10ffff}'],
  ['__proto__', 'constructor', 'toString', 'length', '0', '00', '-0', '1e3', '1000', 'null', 'undefined'],
  [`${'x'.repeat(2000)}1`, `${'x'.repeat(2000)}2`],
].flat()

export function describeRecords({ connect, name, test, time }: StoreSuite): void {
  const { clock, advance, accuracy = 0 } = time

  describe('records', () => {
    test('a key nobody stored has no record', async (store) => {
      expect(await store.read(name(), [])).toEqual({ record: undefined, ids: [] })
    })

    test('what one process commits, another reads', async (store) => {
      const key = name()
      await fill(store, key, { envelope: bytes('value') })
      expect(await textOf(await connect(), key)).toBe('value')
    })

    test('any bytes come back unchanged', async (store) => {
      const envelopes = fc.uint8Array({ maxLength: 300, size: 'max' })
      await fc.assert(
        fc.asyncProperty(envelopes, async (envelope) => {
          const key = name()
          await fill(store, key, { envelope: Uint8Array.from(envelope) })
          const { record } = await store.read(key, [])
          expect(Array.from(record?.envelope ?? [])).toEqual(Array.from(envelope))
        }),
        { numRuns: 50 },
      )
    })

    test('a megabyte comes back unchanged', async (store) => {
      const key = name()
      const envelope = new Uint8Array(2 ** 20).map((_, i) => (i * 31) % 251)
      await fill(store, key, { envelope })
      const { record } = await store.read(key, [])
      expect(record?.envelope.length).toBe(envelope.length)
      expect(record?.envelope.every((byte, i) => byte === envelope[i])).toBe(true)
    })

    test('changing bytes that were handed in or out does not change the record', async (store) => {
      const key = name()
      const envelope = bytes('value')
      await fill(store, key, { envelope })
      envelope.fill(0)
      expect(await textOf(store, key)).toBe('value')
      const { record } = await store.read(key, [])
      record?.envelope.fill(0)
      expect(await textOf(store, key)).toBe('value')
    })

    test('keys that differ in any way are different', async (store) => {
      const about = name()
      await Promise.all(ODD_KEYS.map((odd) => fill(store, about + odd, { envelope: bytes(odd) })))
      const found = await Promise.all(ODD_KEYS.map((odd) => textOf(store, about + odd)))
      expect(found).toEqual(ODD_KEYS)
      await store.invalidate(ODD_KEYS.slice(1).map((odd) => about + odd))
      expect(await textOf(store, about + ODD_KEYS[0])).toBe(ODD_KEYS[0])
    })

    test('keys of any characters are different', async (store) => {
      const keys = fc.uniqueArray(fc.string({ unit: codePoint, maxLength: 8 }), { minLength: 2, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(keys, async (odd) => {
          const about = name()
          for (const [i, key] of odd.entries()) await fill(store, about + key, { envelope: bytes(String(i)) })
          const found = await Promise.all(odd.map((key) => textOf(store, about + key)))
          expect(found).toEqual(odd.map((_, i) => String(i)))
        }),
        { numRuns: 30 },
      )
    })

    test('createdAt is when the value was created, on the clock of the process', async (store) => {
      const key = name()
      const grant = await begin(store, { key })
      const earliest = clock.now() - 5000 - accuracy
      await commit(store, grant, { age: 5000 })
      const latest = clock.now() - 5000 + accuracy
      const { record } = await (await connect()).read(key, [])
      expect(record?.createdAt).toBeGreaterThanOrEqual(earliest)
      expect(record?.createdAt).toBeLessThanOrEqual(latest)
    })

    test('freshUntil is ttl after createdAt', async (store) => {
      const key = name()
      await fill(store, key, { age: 5000, ttl: LONG })
      const { record } = await store.read(key, [])
      expect(Number(record?.freshUntil) - Number(record?.createdAt)).toBeCloseTo(LONG, -1)
    })

    test('the times stay where they are while time passes', async (store) => {
      const key = name()
      await fill(store, key)
      const before = (await store.read(key, [])).record
      await advance(PAST)
      const after = (await store.read(key, [])).record
      expect(Math.abs(Number(after?.createdAt) - Number(before?.createdAt))).toBeLessThanOrEqual(2 * accuracy)
      expect(Math.abs(Number(after?.freshUntil) - Number(before?.freshUntil))).toBeLessThanOrEqual(2 * accuracy)
    })

    test('a record with an infinite ttl is fresh until invalidated', async (store) => {
      const key = name()
      await fill(store, key, { ttl: Infinity, keep: Infinity })
      await advance(PAST)
      expect((await store.read(key, [])).record?.freshUntil).toBe(Infinity)
    })

    test('a record is kept after its ttl has ended', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT, keep: LONG })
      await advance(PAST)
      const { record } = await store.read(key, [])
      expect(record?.freshUntil).toBeLessThanOrEqual(clock.now() + accuracy)
    })

    test('a record is forgotten when its keep has ended', async (store) => {
      const key = name()
      await fill(store, key, { ttl: SHORT, keep: SHORT })
      expect(await textOf(store, key)).toBe('old')
      await advance(PAST)
      expect(await textOf(store, key)).toBeUndefined()
    })

    test('times may be fractions of a millisecond', async (store) => {
      const key = name()
      await fill(store, key, { age: 0.125, ttl: 50_000.75, keep: 70_000.5 })
      await store.touch({ key, ttl: 60_000.25, keep: 80_000.125 })
      expect(await textOf(store, key)).toBe('old')
    })
  })
}
