import { describe, expect, test } from 'vitest'

import { formatHttpDate, parseHttpDate } from '../src/http-date.ts'

const NOW = Date.UTC(2025, 5, 15)
const NOVEMBER = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('RFC 9110 §5.6.7: the three forms of a date', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', NOVEMBER],
    ['Sunday, 06-Nov-94 08:49:37 GMT', NOVEMBER],
    ['Sun Nov  6 08:49:37 1994', NOVEMBER],
    ['Sun Nov 16 08:49:37 1994', NOVEMBER + 10 * 86_400_000],
    ['Sun Nov 06 08:49:37 1994', NOVEMBER],
    ['Mon, 06 Nov 1994 08:49:37 GMT', NOVEMBER],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wed, 31 Dec 1969 23:59:59 GMT', -1000],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Tue, 29 Feb 2000 00:00:00 GMT', Date.UTC(2000, 1, 29)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])('%s', (text, ms) => expect(parseHttpDate(text, NOW)).toBe(ms))

  test.each(['sun, 06 nov 1994 08:49:37 gmt', 'SUNDAY, 06-NOV-94 08:49:37 GMT', 'SUN NOV  6 08:49:37 1994'])(
    'RFC 9111 §4.2: letters of either case, %s',
    (text) => expect(parseHttpDate(text, NOW)).toBe(NOVEMBER),
  )

  test('a year with four digits is not moved into another century', () => {
    expect(new Date(parseHttpDate('Sun, 06 Nov 0050 08:49:37 GMT', NOW)!).getUTCFullYear()).toBe(50)
  })
})

describe('RFC 9110 §5.6.7: a year of two digits that seems more than 50 years ahead is in the past', () => {
  test.each([
    ['94', NOW, 1994],
    ['25', NOW, 2025],
    ['24', NOW, 2024],
    ['74', NOW, 2074],
    ['76', NOW, 1976],
    ['99', NOW, 1999],
    ['00', NOW, 2000],
    ['05', Date.UTC(2095, 0), 2105],
    ['50', Date.UTC(2095, 0), 2050],
    ['70', Date.UTC(1970, 0), 1970],
    ['00', Date.UTC(1999, 11), 2000],
  ])('%s seen at %d is %d', (year, now, expected) => {
    const ms = parseHttpDate(`Sunday, 06-Nov-${year} 08:49:37 GMT`, now)
    expect(new Date(ms!).getUTCFullYear()).toBe(expected)
  })

  test('50 years are counted to the second', () => {
    expect(parseHttpDate('Sunday, 15-Jun-75 00:00:00 GMT', NOW)).toBe(Date.UTC(2075, 5, 15))
    expect(parseHttpDate('Sunday, 15-Jun-75 00:00:01 GMT', NOW)).toBe(Date.UTC(1975, 5, 15, 0, 0, 1))
  })
})

describe('RFC 9110 §5.6.7: nothing else is a date', () => {
  test.each([
    undefined,
    '',
    '0',
    '-1',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 PST',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun,  06 Nov 1994 08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Foo, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Wed, 30 Feb 1994 08:49:37 GMT',
    'Tue, 29 Feb 2023 08:49:37 GMT',
    'Thu, 29 Feb 1900 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, ٠٦ Nov 1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 31-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sun Nov 31 08:49:37 1994',
    'Sun Nov  6 08:49:37 94',
  ])('%j is refused', (text) => expect(parseHttpDate(text, NOW)).toBeUndefined())
})

test('RFC 9110 §5.6.7: dates are written as IMF-fixdate, without their part of a second', () => {
  expect(formatHttpDate(NOVEMBER + 999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  expect(formatHttpDate(0)).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
})
