import type { Arbitrary } from 'fast-check'
import fc from 'fast-check'

const SURROGATES = { first: 0xd800, last: 0xdfff }

/** Any character, for `fc.string`. Its own unit `binary` is the same, and takes a second or more to be made. */
export const codePoint: Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: SURROGATES.first - 1 }), fc.integer({ min: SURROGATES.last + 1, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code))
