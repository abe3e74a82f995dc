import { createHash, createHmac } from 'node:crypto'
import { secretKeys } from '@shelflife/core/protocol'
import fc from 'fast-check'
import { codePoint } from '../../conformance/src/code-point.ts'
import { expect, test } from 'vitest'

import { shortKey } from '../src/short-key.ts'

const NAME = 'shop/product'

test('short arguments stay readable, long ones become their SHA-256', () => {
  const long = `"${'x'.repeat(300)}"`
  expect(shortKey(`${NAME}(42)`)).toBe(`${NAME}(42)`)
  expect(shortKey(`${NAME}(${long})`)).toBe(`${NAME}(#${createHash('sha256').update(long).digest('hex')})`)
})

test('with a secret all arguments become their HMAC-SHA-256, whatever the length of either', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 200 }),
      fc.string({ unit: codePoint }),
      (secret, argument) => {
        const hmac = createHmac('sha256', secret).update(argument).digest('hex')
        expect(secretKeys(secret)(`${NAME}(${argument})`)).toBe(`${NAME}(#${hmac})`)
      },
    ),
  )
})
