import { describe, expect, test } from 'vitest'

import type { HeaderList } from '../src/header-list.ts'
import { selectingValue, variantOf, varyOf } from '../src/vary.ts'

const vary = (...lines: readonly string[]) => varyOf(lines.map((line) => ['Vary', line] as const))
const variant = (names: readonly string[], sent: Readonly<Record<string, string>>) =>
  variantOf(names, (name) => (Object.hasOwn(sent, name) ? sent[name] : undefined))

describe('RFC 9110 §12.5.5: Vary', () => {
  test.each([
    [[], []],
    [[''], []],
    [[' , '], []],
    [['Origin'], ['origin']],
    [['Origin, ACCEPT ,origin'], ['accept', 'origin']],
    [
      ['b', 'a,B'],
      ['a', 'b'],
    ],
    [["!#$%&'+-.^_`|~"], ["!#$%&'+-.^_`|~"]],
  ])('%j selects by %j', (lines, names) => expect(vary(...lines)).toEqual(names))

  test.each([
    [['*']],
    [['Origin, *']],
    [['Origin', '*']],
    [[' * ']],
    [['a b']],
    [['a;b']],
    [['"a"']],
    [['é']],
    [['a\0']],
  ])('%j matches nothing', (lines) => expect(vary(...lines)).toBe('*'))

  test('a field of another name is none', () => {
    const headers: HeaderList = [['X-Vary', '*']]
    expect(varyOf(headers)).toEqual([])
  })
})

describe('RFC 9111 §4.1: selecting headers match', () => {
  test.each([
    ['accept-encoding', 'gzip, br', 'br,gzip'],
    ['accept-encoding', 'GZIP;q=1.0,\tbr ; Q=1', 'br, gzip'],
    ['accept-encoding', 'gzip;q=0.50', 'gzip;q=0.5'],
    ['accept-encoding', 'gzip;q=0.', 'gzip;q=0.000'],
    ['accept-encoding', 'gzip,,gzip, ', 'gzip'],
    ['accept-language', 'de-AT, de;q=0.900', 'DE-at,de;q=0.9'],
    ['origin', ' https://a ', 'https://a'],
    ['x', '', ' \t'],
  ])('%s: %j is %j', (name, one, other) => {
    expect(variant([name], { [name]: one })).toBe(variant([name], { [name]: other }))
  })

  test.each([
    ['accept-encoding', 'gzip', 'br'],
    ['accept-encoding', 'gzip;q=0', 'gzip'],
    ['accept-encoding', 'gzip;q=0.1', 'gzip;q=0.01'],
    ['accept-encoding', 'gzip;q=2', 'gzip'],
    ['accept-encoding', 'gzip;q=-0', 'gzip;q=0'],
    ['accept-encoding', 'gzip;x=1', 'gzip'],
    ['accept-encoding', 'gzip, br', 'gzipbr'],
    ['accept-encoding', '', 'identity'],
    ['accept-encoding', 'x-mine, br', 'x-mine'],
    // who weighs nothing means the first
    ['accept-language', 'de, en', 'en, de'],
    ['accept-language', 'de', 'de-AT'],
    ['origin', 'https://a', 'https://A'],
    ['x', '"a, b"', '"a,b"'],
    ['x', 'a b', 'ab'],
    ['x', '"', '\\"'],
  ])('%s: %j is not %j', (name, one, other) => {
    expect(variant([name], { [name]: one })).not.toBe(variant([name], { [name]: other }))
  })

  test('an absent header is not an empty one', () => {
    expect(variant(['x'], {})).not.toBe(variant(['x'], { x: '' }))
    expect(variant(['x', 'y'], { x: '' })).not.toBe(variant(['x', 'y'], { y: '' }))
  })

  test('no value can be taken for another header', () => {
    const names = ['a', 'b', 'c']
    const texts = ['', '"', ',', 'b', '",b="', '"b"', '\\', '\\"', 'a="x",b', '\u0000', '=']
    const all = texts.flatMap((a) => texts.flatMap((b) => [{ a }, { b }, { a, b }, { a, c: b }, { b, c: a }]))
    const distinct = new Set(all.map((sent) => JSON.stringify([sent.a, sent.b, 'c' in sent ? sent.c : undefined])))
    expect(new Set(all.map((sent) => variant(names, sent))).size).toBe(distinct.size)
  })

  test('nothing selects without Vary', () => expect(variant([], { a: '1' })).toBe(''))
})

describe('the text of a variant is bounded', () => {
  test('values that are too long together make no variant', () => {
    expect(variant(['a', 'b'], { a: 'x'.repeat(1000), b: 'y'.repeat(1000) })).toHaveLength(2009)
    expect(variant(['a', 'b'], { a: 'x'.repeat(1000), b: 'y'.repeat(1100) })).toBeUndefined()
    expect(variant(['a'], { a: 'x'.repeat(2049) })).toBeUndefined()
    expect(variant(['a'], { a: ' '.repeat(2049) })).toBeUndefined()
    expect(variant(['a'], { a: '"'.repeat(1100) })).toBeUndefined()
  })

  test('so do names', () => {
    expect(
      variant(
        Array.from({ length: 1000 }, (_, i) => `name-${i}`),
        {},
      ),
    ).toBeUndefined()
  })
})

test('RFC 9110 §12.4.2: weights are compared as numbers', () => {
  expect(selectingValue('accept-encoding', 'br;q=0.80, gzip;q=1.000, *;q=0.0')).toBe('*;q=0,br;q=0.8,gzip')
  expect(selectingValue('accept-language', 'fr-CH, fr;q=0.9, *;q=0.50')).toBe('fr-ch,fr;q=0.9,*;q=0.5')
})
