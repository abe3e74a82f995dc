import { encodeArguments } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import type { Incoming } from '../src/incoming.ts'
import type { KeyOptions, QueryOptions } from '../src/response-key.ts'
import { responseKey } from '../src/response-key.ts'

interface Sent extends Partial<Pick<Incoming, 'rewritten' | 'selection'>> {
  readonly scheme?: string
  readonly authority?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
}

function parts(sent: Sent, options: KeyOptions = {}): readonly unknown[] | undefined {
  const { scheme = 'https', authority = 'example.com', target = '/', headers = {}, rewritten, selection } = sent
  const header = (name: string): string | undefined => (Object.hasOwn(headers, name) ? headers[name] : undefined)
  return responseKey({ scheme, authority, target, header, rewritten, selection }, options)
}

function key(sent: Sent, options?: KeyOptions): string | undefined {
  const found = parts(sent, options)
  return found && encodeArguments(found)
}

const query = (target: string, options: QueryOptions): unknown => parts({ target }, { query: options })?.[3]

describe('RFC 9110 §7.1: the target URI is the key', () => {
  test('the parts are scheme, authority, path and query', () => {
    expect(parts({ target: '/a/b?c=d' })).toEqual(['https', 'example.com', '/a/b', '?c=d'])
    expect(parts({ target: '/a/b' })).toEqual(['https', 'example.com', '/a/b', ''])
  })

  test('RFC 9110 §4.2.3: the case of the scheme makes no difference', () => {
    expect(key({ scheme: 'HTTPS' })).toBe(key({}))
  })

  test('what a handler sees of a rewritten target, and which of several handlers it is, makes a difference', () => {
    const all = [{}, { rewritten: '/a' }, { rewritten: '/b' }, { selection: { id: 'v1', by: [] } }]
    expect(new Set([...all, { selection: { id: 'v2', by: [] } }].map((one) => key(one))).size).toBe(5)
  })

  test.each<[Sent, Sent]>([
    [{ scheme: 'http' }, {}],
    [{ authority: 'a.example' }, { authority: 'b.example' }],
    // the handler sees it as it was received
    [{ authority: 'Example.COM' }, {}],
    [{ authority: 'example.com:443' }, {}],
    [{ authority: 'example.com:' }, {}],
    [{ authority: 'example.com:80' }, {}],
    [{ authority: 'example.com:8443' }, {}],
    [{ scheme: 'http', authority: 'example.com:443' }, { scheme: 'http' }],
    [{ authority: '[::443]' }, { authority: '[::]' }],
    [{ target: '/A' }, { target: '/a' }],
    [{ target: '//' }, { target: '/' }],
    [{ target: '/a/' }, { target: '/a' }],
    [{ target: '/a/../b' }, { target: '/b' }],
    [{ target: '/%61' }, { target: '/a' }],
    [{ target: '/a%2Fb' }, { target: '/a/b' }],
    [{ target: '/a%2fb' }, { target: '/a%2Fb' }],
    [{ target: '/a%00' }, { target: '/a' }],
    [{ target: '/a;x.css' }, { target: '/a' }],
    [{ target: '/a?' }, { target: '/a' }],
    [{ target: '/a?b' }, { target: '/a?b=' }],
    [{ target: '/a?b&' }, { target: '/a?b' }],
    [{ target: '/a?b=1&c=2' }, { target: '/a?c=2&b=1' }],
    [{ target: '/a?b=1&b=2' }, { target: '/a?b=1' }],
    [{ target: '/a?b=%31' }, { target: '/a?b=1' }],
    [{ target: '/a?b=1%26c=2' }, { target: '/a?b=1&c=2' }],
    [{ target: '/a?b=1;c=2' }, { target: '/a?b=1&c=2' }],
    [{ target: '/a%3Fb' }, { target: '/a?b' }],
    [{ target: '/a??b' }, { target: '/a?b' }],
    [
      { target: '/b","c', authority: 'a' },
      { target: '/c', authority: 'a","/b' },
    ],
    [{ target: '/?__proto__=1' }, { target: '/' }],
  ])('%j is not %j', (one, other) => {
    expect(key(one)).toBeDefined()
    expect(key(one)).not.toBe(key(other))
  })
})

describe('RFC 9112 §3.2.1: only a path is looked up', () => {
  test.each([
    '',
    '*',
    'a',
    '?a',
    'http://example.com/',
    'example.com:443',
    ' /',
    '/ ',
    '/a b',
    '/a\r\nb',
    '/a\n',
    '/\0',
    '/\x1f',
    '/\x7f',
    '/\t',
    '/a#b',
    '/a?b#c',
  ])('%j is not', (target) => expect(parts({ target })).toBeUndefined())

  test.each(['a b', 'a\n', 'a\0', 'é', 'a\u212a'])('the authority %j is none', (authority) => {
    expect(parts({ authority })).toBeUndefined()
  })

  test('nor is one that is too long', () => {
    expect(parts({ target: `/${'a'.repeat(8000)}` })).toBeDefined()
    expect(parts({ target: `/${'a'.repeat(8192)}` })).toBeUndefined()
    expect(parts({ authority: 'a'.repeat(8192) })).toBeUndefined()
  })
})

describe('draft-ietf-httpbis-no-vary-search §2: parameters that do not count', () => {
  test.each<[string, QueryOptions, string]>([
    ['/?a=1&b=2', {}, '?a=1&b=2'],
    ['/?&a&', { ignore: [], sort: false }, '?&a&'],
    ['/?a=1&utm=2&b=3', { ignore: ['utm'] }, '?a=1&b=3'],
    ['/?utm=2', { ignore: ['utm'] }, ''],
    ['/?', { ignore: ['utm'] }, ''],
    ['/?&&a&', { ignore: ['utm'] }, '?a'],
    ['/?UTM=2&utm2=3&xutm=4', { ignore: ['utm'] }, '?UTM=2&utm2=3&xutm=4'],
    ['/?ut%6d=1&%75%74%6D&a', { ignore: ['utm'] }, '?a'],
    ['/?a+b=1&a%20b=2&a%2Bb=3', { ignore: ['a b'] }, '?a%2Bb=3'],
    ['/?%C3%A9=1&%E9=2', { ignore: ['é'] }, '?%E9=2'],
    ['/?=1&a', { ignore: [''] }, '?a'],
    ['/?%=1&%zz=2', { ignore: ['%'] }, '?%zz=2'],
    ['/??a=1&a=2', { ignore: ['a'] }, '??a=1'],
    ['/??%61=1', { ignore: ['?a'] }, ''],
    ['/?utm[x]=1&utm=2', { ignore: ['utm'] }, '?utm[x]=1'],
    ['/?a%26utm=1', { ignore: ['utm'] }, '?a%26utm=1'],
    ['/?a=1;utm=2', { ignore: ['utm'] }, '?a=1;utm=2'],
    ['/?a=1=2&b', { allow: ['a'] }, '?a=1=2'],
    ['/?b=2&a=%31&c&a=2', { allow: ['a'] }, '?a=%31&a=2'],
    ['/?a=1', { allow: [] }, ''],
    ['/?a=1&b=2', { allow: ['a', 'b'], ignore: ['b'] }, '?a=1'],
    ['/?__proto__=1&constructor=2', { allow: ['a'] }, ''],
    ['/?b=2&a=1&b=1', { sort: true }, '?a=1&b=2&b=1'],
    ['/?b=2&%61=1', { sort: true }, '?%61=1&b=2'],
    ['/?c&b&a', { sort: true, ignore: ['b'] }, '?a&c'],
  ])('%s with %j is %s', (target, options, expected) => expect(query(target, options)).toBe(expected))

  test('what a parser puts into an allowed parameter counts', () => {
    const nested = ['page[]=1', 'page[a][b]=2', 'page%5Bx%5D=3', '[page]=4', 'page.x=5', 'page']
    for (const pair of nested) expect(query(`/?x=1&${pair}`, { allow: ['page'] })).toBe(`?${pair}`)
    expect(query('/?pages=1&xpage=2&x[page]=3', { allow: ['page'] })).toBe('')
    expect(query('/?a.b=1', { allow: ['a.b'] })).toBe('?a.b=1')
  })

  test('sorting does not move what a parser puts into one parameter', () => {
    expect(query('/?b&a[]=2&a=1', { sort: true })).toBe('?a[]=2&a=1&b')
    expect(query('/?b&a=1&a[]=2', { sort: true })).toBe('?a=1&a[]=2&b')
  })

  test('parameters that do not count cannot push one that does out of sight of the handler', () => {
    const flood = (count: number): string => `/?${'u&'.repeat(count)}page=2`
    expect(query(flood(499), { ignore: ['u'] })).toBe('?page=2')
    expect(parts({ target: flood(1000) }, { query: { ignore: ['u'] } })).toBeUndefined()
    expect(parts({ target: flood(1000) }, { query: { allow: ['page'] } })).toBeUndefined()
    expect(parts({ target: flood(1000) }, { query: { sort: true } })).toBeUndefined()
    expect(parts({ target: flood(1000) })).toBeDefined()
  })
})

describe('declared headers are part of the key', () => {
  const options: KeyOptions = { headers: ['X-Tenant', 'accept-language'] }

  test.each([
    [{ 'x-tenant': 'a' }, { 'x-tenant': 'b' }],
    [{ 'x-tenant': 'a' }, {}],
    [{ 'x-tenant': '' }, {}],
    [{ 'x-tenant': 'de' }, { 'accept-language': 'de' }],
  ])('%j is not %j', (one, other) => {
    expect(key({ headers: one }, options)).not.toBe(key({ headers: other }, options))
  })

  test('as they are compared for Vary', () => {
    const german = { 'accept-language': 'DE;q=1.0' }
    expect(key({ headers: german }, options)).toBe(key({ headers: { 'accept-language': 'de' } }, options))
  })

  test('others are not', () => expect(key({ headers: { other: '1' } }, options)).toBe(key({}, options)))

  test('a header is not a cookie of its name', () => {
    const headers = { a: '1', cookie: 'a=1' }
    expect(key({ headers }, { headers: ['a'] })).not.toBe(key({ headers }, { cookies: ['a'] }))
  })
})

describe('RFC 6265 §4.2: declared cookies are part of the key', () => {
  const lang = (cookie: string): unknown => parts({ headers: { cookie } }, { cookies: ['lang'] })?.[4]

  test.each([
    ['lang=de', 'de'],
    ['session=1; lang=de; x=2', 'de'],
    ['session=1;lang=de', 'de'],
    [' lang = de ', 'de'],
    ['lang=', ''],
    ['lang=a=b', 'a=b'],
    ['lang="de"', '"de"'],
    ['lang=%64e', '%64e'],
    ['lang=de; lang=en', 'de;en'],
    ['\u00a0lang=de', 'de'],
    ['session=1', undefined],
    ['LANG=de', undefined],
    ['lang', undefined],
    ['xlang=de; langx=de; x=lang=de', undefined],
    ['', undefined],
  ])('%j has %j', (cookie, value) => expect(lang(cookie)).toEqual(['cookie', 'lang', value]))

  test('no header is no cookie', () => {
    expect(parts({}, { cookies: ['lang'] })?.[4]).toEqual(['cookie', 'lang', undefined])
  })

  test('several cookies cannot be taken for one another', () => {
    const both = (cookie: string): string | undefined => key({ headers: { cookie } }, { cookies: ['a', 'b'] })
    expect(both('a=1; b=2')).toBe(both('b=2; a=1'))
    expect(new Set(['a=1; b=2', 'a=2; b=1', 'a=1', 'b=1', 'a=1; a=2', 'a=1,2', 'b='].map(both)).size).toBe(7)
  })
})

test('a request may be an instance of a class', () => {
  class Received {
    readonly scheme = 'http'
    readonly authority = 'a'
    readonly target = '/'
    readonly #sent = 'x'
    header(): string {
      return this.#sent
    }
  }
  expect(responseKey(new Received(), { headers: ['a'], cookies: ['b'] })).toHaveLength(6)
})
