import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { validatorsIn } from '../src/conditional.ts'
import type { HeaderList } from '../src/header-list.ts'
import { formatHttpDate } from '../src/http-date.ts'
import type { RangeInput } from '../src/ranges.ts'
import { contentRange, selectRange } from '../src/ranges.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const at = (offset: number): string => formatHttpDate(NOW + offset)

function selected(range: string | undefined, given: Partial<RangeInput> & { readonly stored?: HeaderList } = {}) {
  const { stored = [], ...rest } = given
  return selectRange({ range, ifRange: undefined, size: 10, validators: validatorsIn(stored, NOW), now: NOW, ...rest })
}

describe('RFC 9110 §14.1.2: byte ranges', () => {
  test.each<[string, number, number]>([
    ['bytes=0-0', 0, 0],
    ['bytes=0-9', 0, 9],
    ['bytes=2-5', 2, 5],
    ['bytes=9-9', 9, 9],
    ['bytes=5-', 5, 9],
    ['bytes=0-', 0, 9],
    ['bytes=-3', 7, 9],
    ['bytes=-10', 0, 9],
    ['Bytes=2-5', 2, 5],
    [' bytes= 2-5 ', 2, 5],
    ['bytes=002-005', 2, 5],
  ])('%j is bytes %d to %d of 10', (range, start, end) => {
    expect(selected(range)).toEqual({ start, end })
  })

  test('an end beyond the body means its end, a suffix longer than it all of it', () => {
    expect(selected('bytes=5-10')).toEqual({ start: 5, end: 9 })
    expect(selected(`bytes=5-${'9'.repeat(400)}`)).toEqual({ start: 5, end: 9 })
    expect(selected('bytes=-11')).toEqual({ start: 0, end: 9 })
    expect(selected(`bytes=-${'9'.repeat(400)}`)).toEqual({ start: 0, end: 9 })
  })

  test.each(['bytes=10-', 'bytes=10-20', `bytes=${'9'.repeat(400)}-`, 'bytes=-0', 'bytes=-000'])(
    'RFC 9110 §15.5.17: %j cannot be satisfied',
    (range) => {
      expect(selected(range)).toBe('unsatisfiable')
    },
  )

  test('of an empty body there is no part', () => {
    expect(selected('bytes=0-', { size: 0 })).toBe('unsatisfiable')
    expect(selected('bytes=-5', { size: 0 })).toBeUndefined()
    expect(selected('bytes=-0', { size: 0 })).toBe('unsatisfiable')
  })
})

describe('RFC 9110 §14.2: the whole is sent', () => {
  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-2',
    'bytes=1.5-2',
    'bytes=--5',
    'bytes=0x1-5',
    'bytes=+1-5',
    'bytes=1-5-7',
    'bytes=1 - 5',
    'bytes =1-5',
    'bytes: 1-5',
    'items=0-1',
    'xbytes=0-1',
    'seconds=1-2',
    'bytes=٣-5',
  ])('for %j', (range) => {
    expect(selected(range)).toBeUndefined()
  })

  test.each(['bytes=0-1,3-4', 'bytes=0-1, -1', 'bytes=0-0,', 'bytes=,0-0', `bytes=${'0-,'.repeat(1000)}`])(
    'for several ranges, as in %j',
    (range) => {
      expect(selected(range)).toBeUndefined()
    },
  )
})

describe('RFC 9110 §13.1.5: If-Range', () => {
  const part = { start: 0, end: 1 }
  const ask = (ifRange: string, stored: HeaderList) => selected('bytes=0-1', { ifRange, stored })

  test('holds for the same strong tag', () => {
    expect(ask('"1"', [['ETag', '"1"']])).toEqual(part)
  })

  test.each<[string, string]>([
    ['"2"', '"1"'],
    ['W/"1"', '"1"'],
    ['"1"', 'W/"1"'],
    ['W/"1"', 'W/"1"'],
    ['1', '1'],
    ['"1", "2"', '"1"'],
    ['*', '"1"'],
    ['', '"1"'],
  ])('%j does not hold for %s', (ifRange, etag) => {
    expect(ask(ifRange, [['ETag', etag]])).toBeUndefined()
  })

  test('a tag does not hold where none is stored', () => {
    expect(
      ask('"1"', [
        ['Last-Modified', at(-90_000)],
        ['Date', at(0)],
      ]),
    ).toBeUndefined()
  })

  test('RFC 9110 §8.8.2.2: a date holds only if it is exactly Last-Modified and long enough before Date', () => {
    const stored: HeaderList = [
      ['Last-Modified', at(-90_000)],
      ['Date', at(0)],
    ]
    expect(ask(at(-90_000), stored)).toEqual(part)
    expect(ask(at(-89_000), stored)).toBeUndefined()
    expect(ask(at(-91_000), stored)).toBeUndefined()
    expect(
      ask(at(-59_000), [
        ['Last-Modified', at(-59_000)],
        ['Date', at(0)],
      ]),
    ).toBeUndefined()
    expect(
      ask(at(-60_000), [
        ['Last-Modified', at(-60_000)],
        ['Date', at(0)],
      ]),
    ).toEqual(part)
    expect(ask(at(0), [['Date', at(0)]])).toBeUndefined()
  })

  test('where it does not hold, a range that cannot be satisfied is no error', () => {
    expect(selected('bytes=99-', { ifRange: '"2"', stored: [['ETag', '"1"']] })).toBeUndefined()
    expect(selected('bytes=99-', { ifRange: '"1"', stored: [['ETag', '"1"']] })).toBe('unsatisfiable')
  })
})

test('RFC 9110 §14.4: Content-Range names the part and the whole', () => {
  expect(contentRange({ start: 0, end: 1 }, 10)).toBe('bytes 0-1/10')
  expect(contentRange('unsatisfiable', 10)).toBe('bytes */10')
})

test('RFC 9110 §14: a part that is selected is a part of the body, whatever is asked for', () => {
  const number = fc.oneof(fc.nat({ max: 40 }), fc.bigInt({ min: 0n })).map(String)
  const spec = fc
    .tuple(fc.oneof(number, fc.constant('')), fc.oneof(number, fc.constant('')))
    .map((ends) => `bytes=${ends.join('-')}`)
  const text = fc.oneof(spec, fc.string(), anyCharacters, fc.string({ unit: fc.constantFrom('0', '-', ',', ' ', '=') }))
  fc.assert(
    fc.property(text, fc.option(text, { nil: undefined }), fc.nat({ max: 40 }), (range, ifRange, size) => {
      const found = selected(range, { ifRange, size, stored: [['ETag', '"1"']] })
      if (typeof found !== 'object') return
      expect(found.start).toBeGreaterThanOrEqual(0)
      expect(found.end).toBeGreaterThanOrEqual(found.start)
      expect(found.end).toBeLessThan(size)
    }),
  )
})

test('RFC 9110 §14.2: a long text of anything takes no longer than its length asks for', () => {
  const started = performance.now()
  for (const part of [' ', '0', '-', ',', '0-,', 'bytes=']) {
    selected(`bytes=${part.repeat(2 ** 18 / part.length)}x`)
    selected(part.repeat(2 ** 18 / part.length), { ifRange: part.repeat(2 ** 18 / part.length) })
  }
  expect(performance.now() - started).toBeLessThan(5000)
})
