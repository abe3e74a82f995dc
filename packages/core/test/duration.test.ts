import type { Duration } from '@shelflife/core'
import { toMilliseconds } from '@shelflife/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { thrown } from './thrown.ts'

test.each<[Duration, number]>([
  [1, 1],
  [0.5, 0.5],
  [250, 250],
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['1.5h', 5_400_000],
  ['0.5s', 500],
  ['1h30m', 5_400_000],
  ['1m30s', 90_000],
  ['1s500ms', 1500],
  ['1d12h30m', 131_400_000],
  ['007s', 7000],
])('%j are %d milliseconds', (duration, ms) => {
  expect(toMilliseconds(duration, 'ttl')).toBe(ms)
})

test('minutes are not taken for milliseconds, nor the other way round', () => {
  expect(toMilliseconds('1m', 'ttl')).toBe(60_000)
  expect(toMilliseconds('1ms', 'ttl')).toBe(1)
  expect(toMilliseconds('1m1ms', 'ttl')).toBe(60_001)
  expect(toMilliseconds('1m1s', 'ttl')).toBe(61_000)
})

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

test('every sum of units from large to small is read as what it says', () => {
  const amounts = fc.tuple(...units.map(() => fc.option(fc.nat({ max: 1000 }), { nil: undefined })))
  fc.assert(
    fc.property(amounts, (parts) => {
      const text = parts.map((amount, i) => (amount === undefined ? '' : `${amount}${units[i]![0]}`)).join('')
      const total = parts.reduce<number>((sum, amount, i) => sum + (amount ?? 0) * units[i]![1], 0)
      fc.pre(total > 0)
      expect(toMilliseconds(text as Duration, 'ttl')).toBe(total)
    }),
  )
})

const refused: readonly (readonly [unknown, string])[] = [
  [0, '0'],
  [-0, '0'],
  [-1, '-1'],
  [Number.NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ['0s', '"0s"'],
  ['0h0m', '"0h0m"'],
  ['-5m', '"-5m"'],
  ['', '""'],
  ['5', '"5"'],
  ['m', '"m"'],
  ['5 m', '"5 m"'],
  [' 5m', '" 5m"'],
  ['5m\n', '"5m\\n"'],
  ['5M', '"5M"'],
  ['5min', '"5min"'],
  ['5x', '"5x"'],
  ['1w', '"1w"'],
  ['1e3s', '"1e3s"'],
  ['.5s', '".5s"'],
  ['5.s', '"5.s"'],
  ['1h,30m', '"1h,30m"'],
  ['30m1h', '"30m1h"'],
  ['1h1h', '"1h1h"'],
  ['1h30', '"1h30"'],
  ['none', '"none"'],
  [`${'9'.repeat(400)}d`, '"9999999999999999999999999999999999999999…"'],
  [null, 'null'],
  [undefined, 'undefined'],
  [true, 'true'],
  [5n, '5'],
  [{ ms: 5 }, 'an object'],
  [[5], 'an array'],
  [() => 5, 'a function'],
  [Symbol('5m'), 'Symbol(5m)'],
]

test.for(refused)('%s is refused, and the message says where, what and what instead', ([duration, shown]) => {
  const error = thrown(() => toMilliseconds(duration as Duration, 'tiers.quotes.ttl'))
  expect(error.code).toBe('invalid-duration')
  expect(error.message).toBe(
    "tiers.quotes.ttl must be a positive number of milliseconds or text such as '1h30m' " +
      `(ms, s, m, h, d); received ${shown}`,
  )
})

test('no text is read as anything but a positive number of milliseconds', () => {
  const junk = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.smhd -')), maxLength: 12 })
  fc.assert(
    fc.property(junk, (text) => {
      try {
        const ms = toMilliseconds(text as Duration, 'ttl')
        expect(ms > 0 && Number.isFinite(ms)).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-duration' })
      }
    }),
    { numRuns: 5000 },
  )
})

test('very long text is refused without being searched through', () => {
  const startedAt = performance.now()
  expect(thrown(() => toMilliseconds(`${'1h'.repeat(1_000_000)}!` as Duration, 'ttl')).code).toBe('invalid-duration')
  expect(performance.now() - startedAt).toBeLessThan(100)
})
