import type { Codec } from '@shelflife/core'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const PROTOTYPES: readonly object[] = [Object, Array, Function, Map, Set, Date, Error, String, Promise].map(
  (constructor): object => constructor.prototype,
)

/** Everything that code running afterwards might stumble over. */
const fingerprint = (): string =>
  PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(';') +
  Reflect.ownKeys(globalThis).map(String).join()

const ATTACKS = [
  '{"__proto__":{"polluted":true}}',
  '{"a":{"__proto__":{"polluted":true}}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '[{"__proto__":[]}]',
  '{"toString":1,"valueOf":1,"then":1}',
  'globalThis.polluted = true',
  '(() => { globalThis.polluted = true })()',
]

interface HostileBytesOptions {
  readonly codec: Codec
  /** What the codec carries. */
  readonly values: fc.Arbitrary<unknown>
  readonly runs: number
}

/** Part of `describeCodec`: bytes that nobody encoded are an error or a value, and never anything else. */
export function describeHostileBytes({ codec, values, runs }: HostileBytesOptions): void {
  const encoder = new TextEncoder()

  async function expectHarmless(bytes: Uint8Array): Promise<void> {
    const before = bytes.slice()
    try {
      await codec.decode(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
    }
    expect(Object.hasOwn(globalThis, 'polluted')).toBe(false)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(bytes.every((byte, i) => byte === before[i])).toBe(true)
  }

  async function encodeIfCarried(value: unknown): Promise<Uint8Array | undefined> {
    try {
      return await codec.encode(value)
    } catch {
      return undefined
    }
  }

  const check = (damaged: fc.Arbitrary<readonly [unknown, (bytes: Uint8Array) => Uint8Array]>): Promise<void> =>
    fc.assert(
      fc.asyncProperty(damaged, async ([value, damage]) => expectHarmless(damage((await codec.encode(value)).slice()))),
      { numRuns: runs },
    )

  describe('bytes that nobody encoded', () => {
    let untouched: string
    // not before: what the tests of others load may have names of its own
    beforeEach(() => {
      untouched = fingerprint()
    })
    afterEach(() => {
      expect(fingerprint()).toBe(untouched)
    })

    test('random ones', async () => {
      await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), expectHarmless), { numRuns: runs })
    })

    test('truncated ones', async () => {
      const part = fc.double({ min: 0, max: 1, noNaN: true })
      await check(
        fc.tuple(
          values,
          part.map((at) => (bytes: Uint8Array) => bytes.subarray(0, Math.floor(at * bytes.length))),
        ),
      )
    })

    test('with flipped bits', async () => {
      const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 7 })), { minLength: 1, maxLength: 8 })
      const flip = flips.map((all) => (bytes: Uint8Array) => {
        if (bytes.length === 0) return bytes
        for (const [at, bit] of all) bytes.set([(bytes[at % bytes.length] ?? 0) ^ (1 << bit)], at % bytes.length)
        return bytes
      })
      await check(fc.tuple(values, flip))
    })

    test('with something before, between or after', async () => {
      const inserted = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 20 }))
      const insert = inserted.map(([at, extra]) => (bytes: Uint8Array) => {
        const start = at % (bytes.length + 1)
        return Uint8Array.of(...bytes.subarray(0, start), ...extra, ...bytes.subarray(start))
      })
      await check(fc.tuple(values, insert))
    })

    test('meant to reach a prototype or to be run', async () => {
      for (const attack of ATTACKS) {
        await expectHarmless(encoder.encode(attack))
        const value: unknown = attack.startsWith('{') ? JSON.parse(attack) : attack
        const encoded = await encodeIfCarried(value)
        if (encoded !== undefined) await expectHarmless(encoded)
      }
    })

    test('a key called __proto__ never becomes the prototype', async () => {
      const encoded = await encodeIfCarried(JSON.parse(ATTACKS[0] ?? ''))
      const decoded: unknown = encoded && (await codec.decode(encoded))
      if (typeof decoded === 'object' && decoded !== null) expect(Reflect.get(decoded, 'polluted')).toBeUndefined()
    })

    test('nested deeper than any stack', async () => {
      for (const byte of ['[', '{"a":', '\x91', '\x81\xa0']) {
        await expectHarmless(Uint8Array.from(byte.repeat(200_000), (unit) => unit.charCodeAt(0)))
      }
    })

    test('none at all', () => expectHarmless(new Uint8Array(0)))
  })
}
