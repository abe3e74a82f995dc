import { describe, expect, test } from 'vitest'

import type { HeaderList } from '../src/header-list.ts'
import { isToken, linesOf, namesIn, trimOws, valueOf } from '../src/header-list.ts'

const headers: HeaderList = [
  ['Set-Cookie', 'a=1'],
  ['VARY', 'Origin'],
  ['set-cookie', 'b=2, c'],
  ['vary', 'Accept'],
  ['X-Empty', ''],
]

describe('RFC 9110 §5.1: names of fields are compared without their case', () => {
  test('every line of a field is found, in order', () => {
    expect(linesOf(headers, 'set-cookie')).toEqual(['a=1', 'b=2, c'])
    expect(linesOf(headers, 'cookie')).toEqual([])
  })

  test('a name is not found in a longer or a shorter one', () => {
    expect(linesOf(headers, 'set-cookie2')).toEqual([])
    expect(linesOf(headers, 'var')).toEqual([])
  })
})

describe('RFC 9110 §5.3: lines of a field are one value', () => {
  test('several lines are joined with a comma, in order', () => {
    expect(valueOf(headers, 'vary')).toBe('Origin, Accept')
  })

  test('an absent field is not an empty one', () => {
    expect(valueOf(headers, 'x-absent')).toBeUndefined()
    expect(valueOf(headers, 'x-empty')).toBe('')
  })
})

test('RFC 9110 §5.6.1: empty members of a list do not count', () => {
  expect(namesIn([', Accept,, ORIGIN\t,', '', 'x'])).toEqual(['accept', 'origin', 'x'])
})

test.each(['a', 'X-Y', "!#$%&'*+-.^_`|~09"])('RFC 9110 §5.6.2: %s is a token', (text) => {
  expect(isToken(text)).toBe(true)
})

test.each(['', ' a', 'a b', 'a\n', 'a:', '"a"', 'a,b', 'a/b', 'é', 'a\0', 'a=b'])(
  'RFC 9110 §5.6.2: %j is no token',
  (text) => expect(isToken(text)).toBe(false),
)

test('RFC 9110 §5.6.3: only spaces and tabs are white space', () => {
  expect(trimOws(' \t a \t b\t ')).toBe('a \t b')
  expect(trimOws('\u00a0a\n')).toBe('\u00a0a\n')
  expect(trimOws(' \t ')).toBe('')
})
