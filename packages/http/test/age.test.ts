import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { currentAge, dateOf, initialAge } from '../src/age.ts'
import type { HeaderList } from '../src/header-list.ts'
import { formatHttpDate } from '../src/http-date.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

const ageOf = (headers: HeaderList, delay = 0): number =>
  initialAge({ headers, requestedAt: NOW - delay, respondedAt: NOW })

describe('RFC 9110 §6.6.1: Date', () => {
  test('a response was generated when its Date says', () => {
    expect(dateOf([['Date', formatHttpDate(NOW - 7000)]], NOW)).toBe(NOW - 7000)
  })

  test('a response without a Date that can be read was generated when it came', () => {
    expect(dateOf([], NOW)).toBe(NOW)
    expect(dateOf([['Date', 'yesterday']], NOW)).toBe(NOW)
    expect(dateOf([['Date', '']], NOW)).toBe(NOW)
  })

  test('of several Dates the first counts', () => {
    const headers: HeaderList = [
      ['Date', formatHttpDate(NOW - 7000)],
      ['date', formatHttpDate(NOW)],
    ]
    expect(dateOf(headers, NOW)).toBe(NOW - 7000)
  })
})

describe('RFC 9111 §4.2.3: the age of a response when it comes', () => {
  test('is 0 for one that was just generated', () => {
    expect(ageOf([['Date', formatHttpDate(NOW)]])).toBe(0)
    expect(ageOf([])).toBe(0)
  })

  test('is at least the time since its Date', () => {
    expect(ageOf([['Date', formatHttpDate(NOW - 90_000)]])).toBe(90)
  })

  test('does not count the parts of a second that a Date cannot have', () => {
    const headers: HeaderList = [['Date', formatHttpDate(NOW)]]
    expect(initialAge({ headers, requestedAt: NOW + 900, respondedAt: NOW + 900 })).toBe(0)
  })

  test('is never negative, whatever the clocks say', () => {
    expect(ageOf([['Date', formatHttpDate(NOW + 3_600_000)]])).toBe(0)
    expect(ageOf([], -5000)).toBe(0)
  })

  test('is at least its Age and the time that the answer took', () => {
    expect(ageOf([['Age', '30']], 2500)).toBe(32.5)
    expect(ageOf([], 2500)).toBe(2.5)
  })

  test('is the greater of the two', () => {
    const date = ['Date', formatHttpDate(NOW - 90_000)] as const
    expect(ageOf([date, ['Age', '30']], 1000)).toBe(90)
    expect(ageOf([date, ['Age', '300']], 1000)).toBe(301)
  })
})

describe('RFC 9111 §5.1: Age', () => {
  test('of a list, in one line or several, the first member counts', () => {
    expect(ageOf([['Age', '30, 60']])).toBe(30)
    expect(ageOf([['Age', ' 30 ,junk']])).toBe(30)
    expect(
      ageOf([
        ['age', '30'],
        ['Age', '60'],
      ]),
    ).toBe(30)
  })

  test.each(['', '-30', '+30', '3e1', '30.5', '0x1e', '"30"', 'thirty', ', 30', '30 60', '٣'])(
    '%j is no age and is ignored',
    (age) => {
      expect(ageOf([['Age', age]])).toBe(0)
    },
  )

  test('RFC 9111 §1.2.2: an age beyond counting is cut to 2 ** 31', () => {
    expect(ageOf([['Age', '9'.repeat(400)]], 5000)).toBe(2 ** 31)
    expect(ageOf([['Age', '2147483648']])).toBe(2 ** 31)
  })
})

describe('RFC 9111 §4.2.3: the current age', () => {
  test('is the age on arrival and the time since, in whole seconds', () => {
    expect(currentAge(0, 999)).toBe(0)
    expect(currentAge(10.5, 400)).toBe(10)
    expect(currentAge(10.5, 500)).toBe(11)
  })

  test('neither shrinks when the clock goes back nor grows beyond 2 ** 31', () => {
    expect(currentAge(10, -5000)).toBe(10)
    expect(currentAge(2 ** 31, 60_000)).toBe(2 ** 31)
  })
})

test('RFC 9111 §4.2.3: whatever the headers are, the age is a number from 0 to 2 ** 31', () => {
  const value = fc.oneof(fc.string(), anyCharacters, fc.integer().map(String))
  const headers = fc.array(fc.tuple(fc.constantFrom('Age', 'age', 'Date', 'DATE'), value))
  fc.assert(
    fc.property(headers, fc.integer(), fc.integer(), (lines, requestedAt, respondedAt) => {
      const age = initialAge({ headers: lines, requestedAt, respondedAt })
      expect(age).toBeGreaterThanOrEqual(0)
      expect(age).toBeLessThanOrEqual(2 ** 31)
      expect(currentAge(age, requestedAt)).toSatisfy(Number.isInteger)
    }),
  )
})
