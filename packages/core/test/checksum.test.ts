import fc from 'fast-check'
import { expect, test } from 'vitest'

import { checksum } from '../src/checksum.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes without a pattern, the same in every run. */
function bytesOf(length: number): Uint8Array {
  let state = 12_345
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24)
}

const SEED = 2_654_435_761

/** The buffer of the self test of the reference implementation. */
function sanityBuffer(length: number): Uint8Array {
  let state = BigInt(SEED)
  return Uint8Array.from({ length }, () => {
    const byte = Number(state >> 56n)
    state = (state * 11_400_714_785_074_694_797n) & 0xffff_ffff_ffff_ffffn
    return byte
  })
}

test.each([
  ['', 0, 0x02cc5d05],
  ['', 1, 0x0b2cb792],
  ['a', 0, 0x550d7456],
  ['abc', 0, 0x32d153ff],
  ['abcd', 0, 0xa3643705],
  ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
])('XXH32 of %j with seed %i comes out as published', (input, seed, hash) => {
  expect(checksum(text(input), 0, seed)).toBe(hash)
})

test.each([
  [0, 0, 0x02cc5d05],
  [0, SEED, 0x36b78ae7],
  [1, 0, 0xcf65b03e],
  [1, SEED, 0xb4545aa4],
  [14, 0, 0x1208e7e2],
  [14, SEED, 0x6af1d1fe],
  [222, 0, 0x5bd11dbd],
  [222, SEED, 0x58803c5f],
])('the self test of the reference implementation passes for %i bytes with seed %i', (length, seed, hash) => {
  expect(checksum(sanityBuffer(length), 0, seed)).toBe(hash)
})

test('what comes before `from` does not count', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 100 }), fc.nat(), (head, tail, seed) => {
      expect(checksum(Buffer.concat([head, tail]), head.length, seed)).toBe(checksum(tail, 0, seed))
    }),
  )
})

test('a single flipped bit is always seen, wherever it is', () => {
  for (let length = 1; length <= 70; length++) {
    const bytes = bytesOf(length)
    const before = checksum(bytes, 0, 7)
    for (let bit = 0; bit < length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect(checksum(bytes, 0, 7), `bit ${bit} of ${length} bytes`).not.toBe(before)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
  }
})

test('any change of one aligned word is seen', () => {
  const word = fc.uint8Array({ minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(word, word, fc.nat({ max: 15 }), (before, after, at) => {
      fc.pre(hex(before) !== hex(after))
      const bytes = bytesOf(64)
      bytes.set(before, at * 4)
      const one = checksum(bytes, 0, 0)
      bytes.set(after, at * 4)
      expect(checksum(bytes, 0, 0)).not.toBe(one)
    }),
    { numRuns: 2000 },
  )
})

test('zeros that are cut off or added are seen', () => {
  const hashes = Array.from({ length: 200 }, (_, length) => checksum(new Uint8Array(length), 0, 0))
  expect(new Set(hashes).size).toBe(200)
})

test('another seed gives another checksum, and every checksum is an unsigned 32-bit number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.nat(), (bytes, one, other) => {
      const hash = checksum(bytes, 0, one)
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true)
      if (one !== other && bytes.length < 16) expect(checksum(bytes, 0, other)).not.toBe(hash)
    }),
  )
})
