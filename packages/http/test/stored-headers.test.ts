import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'
import type { HeaderList } from '../src/header-list.ts'
import { storable, withEncodingVary } from '../src/stored-headers.ts'

const nothing = parseCacheControl([])
const kept = (headers: HeaderList, control = ''): readonly string[] | undefined =>
  storable(headers, parseCacheControl([control]))?.map(([name]) => name)

describe('RFC 9111 §3.1: what is stored of a response', () => {
  test('everything else is kept as it was received: names, order and multiples', () => {
    const headers: HeaderList = [
      ['ETag', '"1"'],
      ['set-COOKIE', 'a=1'],
      ['X-Unknown', ' two  spaces\tand é\xff '],
      ['Set-Cookie', 'b=2'],
      ['Age', '5'],
      ['Warning', ''],
    ]
    expect(storable(headers, nothing)).toEqual(headers)
  })

  test.each([
    'Connection',
    'Keep-Alive',
    'PROXY-CONNECTION',
    'te',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authenticate',
    'Proxy-Authentication-Info',
    'Proxy-Authorization',
  ])('%s speaks of one connection and is left out', (name) => {
    expect(
      kept([
        ['A', ''],
        [name, 'x'],
        ['B', ''],
      ]),
    ).toEqual(['A', 'B'])
  })

  test('RFC 9110 §7.6.1: fields that Connection names are left out, on any of its lines', () => {
    const headers: HeaderList = [
      ['X-One', '1'],
      ['Connection', 'close, X-ONE'],
      ['x-one', '1'],
      ['connection', ' x-two ,'],
      ['X-Two', '2'],
      ['X-Three', '3'],
    ]
    expect(kept(headers)).toEqual(['X-Three'])
  })

  test('RFC 9111 §5.2.2.4, §5.2.2.7: fields that no-cache or private names are left out', () => {
    const headers: HeaderList = [
      ['X-User', '1'],
      ['Set-Cookie', 'a'],
      ['x-user', '2'],
      ['X-Other', '3'],
    ]
    expect(kept(headers, 'private="x-USER", no-cache="set-cookie"')).toEqual(['X-Other'])
    expect(kept(headers, 'no-cache')).toHaveLength(4)
  })
})

describe('RFC 9110 §5.5: a response that cannot be in a message is not stored', () => {
  test.each(['a\rb', 'a\nb', 'a\r\nSet-Cookie: x=1', 'a\0', '\x01', '\x1f', '\x7f', 'a\n', 'Ā', '\u2028', '💥'])(
    'with the value %j',
    (value) => {
      expect(storable([['X', value]], nothing)).toBeUndefined()
      expect(storable([['Connection', value]], nothing)).toBeUndefined()
    },
  )

  test.each(['', ' X', 'X ', 'X:', 'X\n', 'X Y', 'é', 'X\0', '"X"'])('with the name %j', (name) => {
    expect(storable([[name, 'x']], nothing)).toBeUndefined()
  })
})

describe('RFC 9110 §12.5.5: an encoded body only reaches who asked for it', () => {
  test.each<[string, HeaderList, string]>([
    ['without Vary', [['Content-Encoding', 'gzip']], 'Accept-Encoding'],
    [
      'with another Vary',
      [
        ['Vary', 'Origin'],
        ['content-encoding', 'br'],
      ],
      'Origin, Accept-Encoding',
    ],
    [
      'with several lines of it',
      [
        ['Vary', 'Origin'],
        ['vary', ''],
        ['Content-Encoding', 'gzip'],
        ['VARY', 'a, b'],
      ],
      'Origin, a, b, Accept-Encoding',
    ],
    [
      'that says so on a second line',
      [
        ['Content-Encoding', 'gzip'],
        ['Vary', 'a'],
        ['Vary', 'accept-encoding'],
      ],
      'a, accept-encoding',
    ],
    [
      'with a name that only looks like it',
      [
        ['Content-Encoding', 'gzip'],
        ['Vary', 'X-Accept-Encoding'],
      ],
      'X-Accept-Encoding, Accept-Encoding',
    ],
  ])('one line of Vary says so in a response %s', (_, headers, line) => {
    const others = headers.filter(([name]) => name.toLowerCase() !== 'vary')
    expect(withEncodingVary(headers)).toEqual([...others, ['Vary', line]])
  })

  test.each<[string, HeaderList]>([
    ['that is not encoded', [['Vary', 'Origin']]],
    ['whose encoding is empty', [['Content-Encoding', '']]],
    [
      'that says so already',
      [
        ['Content-Encoding', 'gzip'],
        ['vary', 'origin, ACCEPT-encoding'],
      ],
    ],
    [
      'that varies on everything',
      [
        ['Content-Encoding', 'gzip'],
        ['Vary', '*'],
      ],
    ],
  ])('nothing is added to one %s', (_, headers) => expect(withEncodingVary(headers)).toBe(headers))
})
