import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { compressed, encrypted, msgpackCodec } from '@shelflife/msgpack'
import { describe, expect, test } from 'vitest'

import { damaged, fuzz, seeds } from '../../core/test/fuzz-bytes.ts'

const TIMEOUT = 120_000

const plain = [
  null,
  'text',
  [1, 2.5, -3, 'é'],
  { id: 42, name: 'tv', tags: ['a', 'b'], nested: { on: true } },
  Array.from({ length: 40 }, (_, id) => ({ id, name: `product ${id}`, price: id / 3 })),
]
const rich = [
  { at: new Date(1.5), map: new Map<unknown, unknown>([[1, { a: 2n ** 80n }]]), set: new Set(['é', undefined]) },
  { zero: -0, lone: '\ud800', error: new TypeError('no', { cause: 1 }) },
  { floats: new Float64Array([1, Number.NaN]), bytes: new Uint8Array(20), big: new BigInt64Array(2) },
  JSON.parse('{"__proto__":{"polluted":1},"__keys__":[1]}'),
  Object.assign(Object.create(null), { a: 1 }),
]
const samples = [...plain, ...rich].map((value) => msgpackCodec.encode(value) as Uint8Array)

/** The value, or `undefined` for bytes that cannot be read; any other error is thrown on. */
async function decoded(codec: Codec, bytes: Uint8Array): Promise<unknown> {
  try {
    return await codec.decode(bytes)
  } catch (error) {
    if (error instanceof ShelflifeError && error.code === 'corrupt-envelope') return undefined
    throw error
  }
}

describe.each(seeds)('seed %d', (seed) => {
  test(
    'damaged MessagePack is corrupt or a value',
    () =>
      fuzz({ seed, count: 200_000 }, (chance) => {
        const bytes = damaged(samples, chance)
        // what is behind the format, more often than by chance
        if (bytes.length > 0 && chance.below(2) === 0) bytes[0] = 1 + chance.below(2)
        const before = Buffer.from(bytes).toString('hex')
        try {
          msgpackCodec.decode(bytes)
        } catch (error) {
          if (!(error instanceof ShelflifeError) || error.code !== 'corrupt-envelope') throw error
        }
        if (Buffer.from(bytes).toString('hex') !== before) throw new TypeError(`the bytes were changed: ${before}`)
      }),
    TIMEOUT,
  )

  test(
    'damaged compressed bytes are corrupt or a value',
    async () => {
      const codec = compressed(msgpackCodec, { above: 10 })
      const whole = await Promise.all([...plain, ...rich].map(async (value) => codec.encode(value)))
      await fuzz({ seed, count: 8000 }, (chance) => decoded(codec, damaged(whole, chance)))
    },
    TIMEOUT,
  )

  test(
    'damaged encrypted bytes are corrupt',
    async () => {
      const codec = encrypted(msgpackCodec, { keys: [{ id: 'one', key: new Uint8Array(32).fill(7) }] })
      const whole = await Promise.all(plain.slice(1).map(async (value) => codec.encode(value)))
      const known = new Set(whole.map((bytes) => Buffer.from(bytes).toString('hex')))
      await fuzz({ seed, count: 8000 }, async (chance) => {
        const bytes = damaged(whole, chance)
        const value = await decoded(codec, bytes)
        expect(value === undefined || known.has(Buffer.from(bytes).toString('hex'))).toBe(true)
      })
    },
    TIMEOUT,
  )
})
