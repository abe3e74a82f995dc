import { isDeepStrictEqual } from 'node:util'

import type { Codec, CodecFeature } from '@shelflife/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CODEC_SAMPLES, REFUSED_SAMPLES } from './codec-features.ts'
import { codecValues } from './codec-values.ts'
import { describeHostileBytes } from './describe-hostile-bytes.ts'
import { nested, PLAIN_SAMPLES } from './plain-samples.ts'

/** What `describeCodec` needs to know about a codec. */
export interface CodecSuiteOptions {
  readonly codec: Codec
  /** What it carries beyond JSON. Everything else it has to refuse. */
  readonly carries: readonly CodecFeature[]
  /** How many generated values each property is tried with; damaged bytes are tried three times as often. Default 1000. */
  readonly runs?: number
}

/** Whether two values have the same types and content, the order in Maps and Sets included. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isDeepStrictEqual(one, other)) return false
  const areOrdered = (one instanceof Map && other instanceof Map) || (one instanceof Set && other instanceof Set)
  return !areOrdered || isDeepStrictEqual([...one], [...other])
}

const WRAPPERS: readonly ((value: unknown) => unknown)[] = [
  (value) => value,
  (value) => [0, value, 'after'],
  (value) => ({ before: 1, value, after: [] }),
  (value) => nested(value, 6),
]

/**
 * A vitest suite of the promise of a codec: the same types and content, or an error, and nothing in between, whatever
 * the bytes.
 *
 * @example describeCodec('json', { codec: jsonCodec, carries: ['lone-surrogate', 'proto-key'] })
 */
export function describeCodec(name: string, { codec, carries, runs = 1000 }: CodecSuiteOptions): void {
  const features = Object.keys(CODEC_SAMPLES) as CodecFeature[]
  const roundTrip = async (value: unknown): Promise<unknown> => codec.decode(await codec.encode(value))
  const encode = async (value: unknown): Promise<Uint8Array> => codec.encode(value)

  async function expectExact(value: unknown): Promise<void> {
    const decoded = await roundTrip(value)
    // the assertion is for its message: it tells less apart
    if (!isSame(decoded, value)) expect(decoded).toStrictEqual(value)
    expect(isSame(decoded, value)).toBe(true)
  }

  async function expectRefused(value: unknown): Promise<void> {
    await expect(encode(value)).rejects.toThrow()
  }

  describe(name, () => {
    test('has an id of one byte and a name', () => {
      expect(Number.isInteger(codec.id) && codec.id >= 1 && codec.id <= 255).toBe(true)
      expect(codec.name).toMatch(/\S/)
    })

    test('carries what JSON carries', async () => {
      for (const sample of PLAIN_SAMPLES) await expectExact(sample)
      for (const sample of PLAIN_SAMPLES) await expectExact(nested(sample, 100))
    })

    for (const feature of features) {
      const isCarried = carries.includes(feature)
      test(`${isCarried ? 'carries' : 'refuses'} ${feature}`, async () => {
        const expectIt = isCarried ? expectExact : expectRefused
        for (const wrap of WRAPPERS) for (const sample of CODEC_SAMPLES[feature]()) await expectIt(wrap(sample))
      })
    }

    test('refuses functions and symbols', async () => {
      for (const wrap of WRAPPERS) for (const sample of REFUSED_SAMPLES) await expectRefused(wrap(sample))
    })

    test('carries any nesting of what it carries', async () => {
      await fc.assert(fc.asyncProperty(codecValues(carries), expectExact), { numRuns: runs })
    })

    test('refuses a value with anything in it that it does not carry', async () => {
      const refused = features.filter((feature) => !carries.includes(feature))
      const offenders = fc.constantFrom(...REFUSED_SAMPLES, ...refused.flatMap((feature) => CODEC_SAMPLES[feature]()))
      const around = fc.tuple(codecValues(carries), offenders, fc.nat({ max: 5 }))
      await fc.assert(
        fc.asyncProperty(around, async ([plain, offender, levels]) => {
          await expectRefused([plain, nested({ plain, offender }, levels), plain])
        }),
        { numRuns: runs },
      )
    })

    test('carries or refuses what is nested deeper than any stack', async () => {
      const value = nested('deep', 100_000)
      const decoded = await roundTrip(value).catch((error: unknown) => error)
      if (decoded instanceof Error) return
      let inner: unknown = decoded
      let levels = 0
      for (; typeof inner === 'object' && inner !== null; levels++) inner = Object.values(inner)[0]
      expect([inner, levels]).toEqual(['deep', 100_000])
    })

    test('leaves the value as it is, also a frozen one', async () => {
      const value = Object.freeze({ list: Object.freeze([1, Object.freeze({ a: 'b' })]) })
      await expectExact(value)
      expect(value).toEqual({ list: [1, { a: 'b' }] })
    })

    test('the bytes of one value outlive the encoding of the next', async () => {
      const values = PLAIN_SAMPLES.map((sample, i) => [i, sample])
      const encoded: Uint8Array[] = []
      for (const value of values) encoded.push(await codec.encode(value))
      for (const [i, one] of encoded.entries()) expect(isSame(await codec.decode(one), values[i])).toBe(true)
    })

    test('a decoded value does not change with the bytes it came from', async () => {
      const samples = carries.flatMap((feature) => CODEC_SAMPLES[feature]())
      for (const sample of [...PLAIN_SAMPLES, ...samples]) {
        const encoded = (await encode([sample])).slice()
        const decoded = await codec.decode(encoded)
        encoded.fill(0)
        expect(isSame(decoded, [sample])).toBe(true)
      }
    })

    test('bytes may be part of a larger buffer', async () => {
      const encoded = await encode({ a: ['b'] })
      const larger = new Uint8Array(encoded.length + 20).fill(0x7b)
      larger.set(encoded, 7)
      expect(await codec.decode(larger.subarray(7, 7 + encoded.length))).toEqual({ a: ['b'] })
    })

    describeHostileBytes({ codec, values: codecValues(carries), runs: 3 * runs })
  })
}
