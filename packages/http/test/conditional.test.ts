import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { ConditionsInput } from '../src/conditional.ts'
import { evaluateConditions, validatorsIn } from '../src/conditional.ts'
import type { HeaderList } from '../src/header-list.ts'
import { formatHttpDate } from '../src/http-date.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const at = (offset: number): string => formatHttpDate(NOW + offset)

const STORED: HeaderList = [
  ['ETag', '"1"'],
  ['Last-Modified', at(-60_000)],
  ['Date', at(-10_000)],
]

type Given = Partial<ConditionsInput> & { readonly stored?: HeaderList }

function verdictOn(request: Readonly<Record<string, string>>, { stored = STORED, ...given }: Given = {}) {
  return evaluateConditions({
    header: (name) => request[name],
    status: 200,
    validators: validatorsIn(stored, NOW),
    now: NOW,
    ...given,
  })
}

test('RFC 9110 §13: a request without conditions gets the whole response', () => {
  expect(verdictOn({})).toBe('pass')
  expect(verdictOn({ range: 'bytes=0-1', 'if-range': '"1"' })).toBe('pass')
})

describe('RFC 9110 §13.1.2: If-None-Match', () => {
  test.each(['"1"', 'W/"1"', '"0", "1"', '"0,1", W/"1"', '*', ' * ', 'junk, "1"'])('%j is a match', (list) => {
    expect(verdictOn({ 'if-none-match': list })).toBe('not-modified')
  })

  test.each(['"2"', 'W/"2"', '"0,1"', '1', '', '"1', '*, "2"', '"*"'])('%j is none', (list) => {
    expect(verdictOn({ 'if-none-match': list })).toBe('pass')
  })

  test('RFC 9110 §8.8.3.2: the comparison is weak for a weak stored tag too', () => {
    const stored: HeaderList = [['ETag', 'W/"1"']]
    expect(verdictOn({ 'if-none-match': '"1"' }, { stored })).toBe('not-modified')
    expect(verdictOn({ 'if-none-match': 'W/"1"' }, { stored })).toBe('not-modified')
  })

  test('without a stored tag only * matches', () => {
    expect(verdictOn({ 'if-none-match': '"1"' }, { stored: [] })).toBe('pass')
    expect(verdictOn({ 'if-none-match': '*' }, { stored: [] })).toBe('not-modified')
    expect(verdictOn({ 'if-none-match': '1' }, { stored: [['ETag', '1']] })).toBe('pass')
  })

  test('RFC 9110 §13.1.3: where it is there, even as junk, If-Modified-Since says nothing', () => {
    expect(verdictOn({ 'if-none-match': '"2"', 'if-modified-since': at(0) })).toBe('pass')
    expect(verdictOn({ 'if-none-match': '', 'if-modified-since': at(0) })).toBe('pass')
    expect(verdictOn({ 'if-none-match': '"1"', 'if-modified-since': at(-90_000) })).toBe('not-modified')
  })
})

describe('RFC 9110 §13.1.3: If-Modified-Since', () => {
  test('is about Last-Modified', () => {
    expect(verdictOn({ 'if-modified-since': at(-61_000) })).toBe('pass')
    expect(verdictOn({ 'if-modified-since': at(-60_000) })).toBe('not-modified')
    expect(verdictOn({ 'if-modified-since': at(0) })).toBe('not-modified')
  })

  test('RFC 9111 §4.3.2: is about Date without Last-Modified, and about the arrival without either', () => {
    const stored: HeaderList = [['Date', at(-10_000)]]
    expect(verdictOn({ 'if-modified-since': at(-11_000) }, { stored })).toBe('pass')
    expect(verdictOn({ 'if-modified-since': at(-10_000) }, { stored })).toBe('not-modified')
    expect(verdictOn({ 'if-modified-since': at(-1000) }, { stored: [] })).toBe('pass')
    expect(verdictOn({ 'if-modified-since': at(0) }, { stored: [] })).toBe('not-modified')
  })

  test.each(['', '0', 'now', `${at(0)}, ${at(0)}`, at(0).replace('GMT', 'UTC')])(
    '%j is no date and is ignored',
    (since) => {
      expect(verdictOn({ 'if-modified-since': since })).toBe('pass')
    },
  )
})

describe('RFC 9111 §4.3.2: what a cache does not evaluate', () => {
  test('If-Match and If-Unmodified-Since are for the origin', () => {
    expect(verdictOn({ 'if-match': '"1"' })).toBe('forward')
    expect(verdictOn({ 'if-match': '', 'if-none-match': '"1"' })).toBe('forward')
    expect(verdictOn({ 'if-unmodified-since': 'junk' })).toBe('forward')
    expect(verdictOn({ 'if-match': '*' }, { status: 404 })).toBe('forward')
  })

  test.each([203, 301, 404, 500])('RFC 9110 §13.2.1: a stored %d is sent as it is', (status) => {
    expect(verdictOn({ 'if-none-match': '"1"' }, { status })).toBe('pass')
    expect(verdictOn({ 'if-modified-since': at(0) }, { status })).toBe('pass')
  })
})

test('RFC 9110 §8.8: validators are taken from the first line of each, junk is none', () => {
  expect(validatorsIn(STORED, NOW)).toEqual({ etag: '"1"', lastModified: NOW - 60_000, date: NOW - 10_000 })
  expect(
    validatorsIn(
      [
        ['Last-Modified', 'x'],
        ['Date', 'x'],
      ],
      NOW,
    ),
  ).toEqual({ etag: undefined, lastModified: undefined, date: NOW })
})

test('RFC 9110 §13: any conditions against any validators come to a verdict', () => {
  const text = fc.oneof(fc.string(), anyCharacters, fc.constantFrom('"1"', '*', at(0)))
  const optional = fc.option(text, { nil: undefined })
  fc.assert(
    fc.property(optional, optional, text, text, (none, since, etag, modified) => {
      const header = (name: string) => ({ 'if-none-match': none, 'if-modified-since': since })[name]
      const validators = validatorsIn(
        [
          ['ETag', etag],
          ['Last-Modified', modified],
        ],
        NOW,
      )
      const verdict = evaluateConditions({ header, status: 200, validators, now: NOW })
      expect(['pass', 'not-modified']).toContain(verdict)
      if (none === undefined && since === undefined) expect(verdict).toBe('pass')
    }),
  )
})
