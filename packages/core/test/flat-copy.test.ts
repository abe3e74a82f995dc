import fc from 'fast-check'
import { expect, test } from 'vitest'

import { flatCopy } from '../src/flat-copy.ts'

test('is the same text, of any characters and halves of them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), (a, b) => {
      for (const text of [a, b, a + b, `\ud800${a}`, `${b}\udc00`]) expect(flatCopy(text)).toBe(text)
    }),
  )
})
