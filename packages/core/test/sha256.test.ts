import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { sha256 } from '../src/sha256.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Bytes without a pattern, the same in every run. */
function bytesOf(length: number): Uint8Array {
  let state = 12_345
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24)
}

test('the examples of FIPS 180-4 come out as published', () => {
  expect(hex(sha256(text('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hex(sha256(text('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  )
})

test('every length around the borders of a block agrees with OpenSSL', () => {
  for (let length = 0; length <= 260; length++) {
    const bytes = bytesOf(length)
    expect(hex(sha256(bytes)), `${length} bytes`).toBe(expected(bytes))
  }
})

test('megabytes agree with OpenSSL', () => {
  for (const length of [65_535, 1_000_000, 2 ** 22 + 1]) {
    const bytes = bytesOf(length)
    expect(hex(sha256(bytes)), `${length} bytes`).toBe(expected(bytes))
  }
})

test('random bytes agree with OpenSSL', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(hex(sha256(bytes))).toBe(expected(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('a view into a larger buffer is hashed for what it shows, and left as it was', () => {
  const whole = bytesOf(200)
  const part = whole.subarray(3, 103)
  expect(hex(sha256(part))).toBe(expected(part))
  expect(hex(whole)).toBe(hex(bytesOf(200)))
})
