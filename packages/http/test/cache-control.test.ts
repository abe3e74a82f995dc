import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'

const parse = (...lines: readonly string[]) => parseCacheControl(lines)

describe('RFC 9111 §5.2: directives are found however they are written', () => {
  test.each([
    'no-store',
    'No-Store',
    'NO-STORE',
    ' no-store ',
    '\tno-store\t',
    'max-age=60,no-store',
    'max-age=60 , no-store',
    ',,, no-store,,',
    'no-store=1',
    'no-store=""',
    'no-store="',
    'no-store =x',
    '=no-store',
    '== , no-store',
    '", no-store',
    '"no-store"',
    '"x" no-store',
    '@{}[], no-store',
    '\0no-store',
    'é,no-store',
    'no-store;',
    'no-store; max-age=60',
    'public; no-store',
    'max-age=60; no-store',
    'max-age=60 no-store',
    'private="x, no-store',
    String.raw`ext="\", no-store`,
    String.raw`ext="a\\", no-store`,
    'ext="a" no-store',
    'ext="a"no-store',
    'no-cache="a"; no-store="b"',
  ])('%j says no-store', (line) => {
    expect(parse(line).has('no-store')).toBe(true)
    expect(parse(line).has('No-Store')).toBe(true)
  })

  test.each([
    '',
    ',',
    'no-storex',
    'xno-store',
    'x-no-store',
    'no-store-x',
    'no_store',
    'no store',
    'ext="no-store"',
    'ext="a, no-store"',
    'ext = "a, no-store"',
    String.raw`ext="\", no-store"`,
    'ext="a, no-store", x="b, no-store"',
    'ext=no-store',
  ])('%j does not say no-store', (line) => expect(parse(line).has('no-store')).toBe(false))

  test('several lines are one field', () => {
    const control = parse('max-age=60', '', 'private')
    expect(control.has('private')).toBe(true)
    expect(control.seconds('max-age')).toBe(60)
  })

  test('a quote that is left open in one line does not hide the next one', () => {
    expect(parse('ext="a', 'no-store, b"').has('no-store')).toBe(true)
  })

  test('names of properties that all objects have are no directives', () => {
    const control = parse('max-age=1')
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(control.has(name)).toBe(false)
      expect(control.seconds(name)).toBeUndefined()
      expect(control.fields(name)).toBeUndefined()
    }
    expect(parse('__proto__, constructor').has('__proto__')).toBe(true)
  })
})

describe('RFC 9111 §1.2.2: delta-seconds', () => {
  test.each([
    ['max-age=0', 0],
    ['max-age=10', 10],
    ['max-age=0010', 10],
    ['max-age="10"', 10],
    ['max-age = 10', 10],
    ['MAX-AGE=10', 10],
    ['max-age=2147483647', 2147483647],
    ['max-age=2147483648', 2 ** 31],
    ['max-age=99999999999999999999', 2 ** 31],
    [`max-age=${'9'.repeat(5000)}`, 2 ** 31],
  ])('%.40j is %d seconds', (line, seconds) => expect(parse(line).seconds('max-age')).toBe(seconds))

  test('an absent directive has no seconds', () => {
    expect(parse('s-maxage=5').seconds('max-age')).toBeUndefined()
    expect(parse().seconds('max-age')).toBeUndefined()
  })
})

describe('RFC 9111 §4.2.1: what is no number of seconds is stale', () => {
  test.each([
    'max-age',
    'max-age=',
    'max-age=""',
    'max-age="10',
    'max-age=-1',
    'max-age=+10',
    'max-age=10.5',
    'max-age=10.',
    'max-age=1e3',
    'max-age=0x10',
    'max-age=10s',
    'max-age=a10',
    "max-age='10'",
    'max-age=1 0',
    'max-age=10;',
    'max-age=10; x',
    'max-age=" 10"',
    'max-age="10"0',
    'max-age="1,0"',
    'max-age=٣',
    'max-age=10é',
    'max-age==10',
  ])('%j is 0', (line) => expect(parse(line).seconds('max-age')).toBe(0))

  test.each([
    [['max-age=10, max-age=5'], 5],
    [['max-age=5, max-age=10'], 5],
    [['max-age=10', 'max-age=5'], 5],
    [['max-age=10, max-age=x'], 0],
  ])('of %j the smallest counts', (lines, seconds) => expect(parse(...lines).seconds('max-age')).toBe(seconds))
})

describe.each([
  ['RFC 9111 §5.2.2.4', 'no-cache'],
  ['RFC 9111 §5.2.2.7', 'private'],
])('%s: %s', (_, name) => {
  test.each([
    [`${name}="a"`, ['a']],
    [`${name}="A-B, c"`, ['a-b', 'c']],
    [`${name}=" a\t,,b,"`, ['a', 'b']],
    [`${name}="a, a"`, ['a']],
    [`${name}="a", ${name}="b"`, ['a', 'b']],
    [String.raw`${name}="\a"`, ['a']],
    [`${name.toUpperCase()}="a"`, ['a']],
    [`ext="x", ${name}="a"`, ['a']],
  ])('%s is about those fields', (line, fields) => expect(parse(line).fields(name)).toEqual(fields))

  test.each([
    name,
    name.toUpperCase(),
    `${name}=""`,
    `${name}=","`,
    `${name}=" "`,
    `${name}="x`,
    `${name}="`,
    `${name}=`,
    `${name}=x`,
    `${name}=1`,
    `${name}="a b"`,
    `${name}="a;b"`,
    `${name}="é"`,
    String.raw`${name}="a\"`,
    `${name}="a"b`,
    `${name}="a" b`,
    `${name}="a"; b`,
    `${name}="a", ${name}`,
    `${name}, ${name}="a"`,
    `max-age=5; ${name}`,
  ])('%s is about the whole message', (line) => expect(parse(line).fields(name)).toEqual([]))

  test('the field it does not stand in says nothing of it', () => {
    expect(parse(`ext="a, ${name}"`).fields(name)).toBeUndefined()
    expect(parse('max-age=1').fields(name)).toBeUndefined()
  })
})
