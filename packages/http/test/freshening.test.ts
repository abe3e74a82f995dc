import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { freshened, isSameRepresentation } from '../src/freshening.ts'
import type { HeaderList } from '../src/header-list.ts'
import { linesOf } from '../src/header-list.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT'

describe('RFC 9111 §3.2: freshening', () => {
  test('replaces, adds and keeps fields', () => {
    const stored: HeaderList = [
      ['X-Kept', '1'],
      ['Cache-Control', 'max-age=1'],
      ['X-Kept', '2'],
      ['Expires', '0'],
    ]
    const update: HeaderList = [
      ['cache-control', 'max-age=60'],
      ['Cache-Control', 'public'],
      ['X-New', '1'],
    ]
    expect(freshened(stored, update)).toEqual([['X-Kept', '1'], ['X-Kept', '2'], ['Expires', '0'], ...update])
  })

  test.each(['Content-Length', 'Content-Encoding', 'Content-Type', 'Content-Range', 'Content-MD5', 'Content-Digest'])(
    'leaves %s as it is: it is about the bytes that are stored',
    (name) => {
      expect(freshened([[name, 'stored']], [[name.toLowerCase(), 'update']])).toEqual([[name, 'stored']])
      expect(freshened([], [[name, 'update']])).toEqual([])
    },
  )

  test('RFC 9111 §4.2.3: keeps no Age and no Date of the answer before', () => {
    const stored: HeaderList = [
      ['Age', '500'],
      ['Date', MODIFIED],
      ['ETag', '"1"'],
    ]
    expect(freshened(stored, [])).toEqual([['ETag', '"1"']])
    expect(freshened(stored, [['age', '3']])).toEqual([
      ['ETag', '"1"'],
      ['age', '3'],
    ])
  })

  test('keeps the weak form of a tag: the strong one names other bytes', () => {
    expect(freshened([['ETag', 'W/"1"']], [['etag', '"1"']])).toEqual([['ETag', 'W/"1"']])
    expect(freshened([['ETag', '"1"']], [['etag', 'W/"1"']])).toEqual([['etag', 'W/"1"']])
    expect(freshened([['ETag', 'W/"1"']], [['etag', '"2"']])).toEqual([['etag', '"2"']])
  })

  test('RFC 9111 §5.2: a no-store or a cookie of the update is there to be judged', () => {
    const headers = freshened(
      [['Cache-Control', 'max-age=60']],
      [
        ['Cache-Control', 'no-store'],
        ['Set-Cookie', 'a=1'],
      ],
    )
    expect(linesOf(headers, 'cache-control')).toEqual(['no-store'])
    expect(linesOf(headers, 'set-cookie')).toEqual(['a=1'])
  })

  test('leaves its inputs as they are, and a second time changes nothing', () => {
    const name = fc.constantFrom('ETag', 'etag', 'X-A', 'Content-Type', 'Age', '__proto__', 'constructor')
    const headers = fc.array(fc.tuple(name, fc.string()))
    fc.assert(
      fc.property(headers, headers, (stored, update) => {
        const before = JSON.stringify([stored, update])
        const once = freshened(stored, update)
        expect(freshened(once, update)).toEqual(once)
        expect(JSON.stringify([stored, update])).toBe(before)
        for (const [each] of update.filter(([any]) => any !== 'Content-Type')) {
          expect(linesOf(once, each.toLowerCase())).toEqual(linesOf(update, each.toLowerCase()))
        }
      }),
    )
  })
})

describe('RFC 9111 §4.3.4: which response a 304 is about', () => {
  test.each<[string, string, boolean]>([
    ['"1"', '"1"', true],
    ['"1"', '"2"', false],
    ['W/"1"', '"1"', true],
    ['"1"', 'W/"1"', true],
    ['W/"1"', 'W/"1"', true],
    ['W/"1"', 'W/"2"', false],
    ['1', '1', true],
    ['1', '2', false],
    ['1', '"1"', false],
  ])('stored %s, answered %s: %j', (stored, update, isSame) => {
    expect(isSameRepresentation([['ETag', stored]], [['etag', update]])).toBe(isSame)
  })

  test('a tag that is not stored is about something else, whatever Last-Modified says', () => {
    expect(
      isSameRepresentation(
        [['Last-Modified', MODIFIED]],
        [
          ['ETag', '"1"'],
          ['Last-Modified', MODIFIED],
        ],
      ),
    ).toBe(false)
    expect(isSameRepresentation([], [['ETag', '"1"']])).toBe(false)
  })

  test('without a tag Last-Modified has to be the same', () => {
    const stored: HeaderList = [
      ['ETag', '"1"'],
      ['Last-Modified', MODIFIED],
    ]
    expect(isSameRepresentation(stored, [['Last-Modified', MODIFIED]])).toBe(true)
    expect(isSameRepresentation(stored, [['Last-Modified', MODIFIED.replace('2026', '2025')]])).toBe(false)
    expect(isSameRepresentation([['ETag', '"1"']], [['Last-Modified', MODIFIED]])).toBe(false)
  })

  test('one that names no validator is about the response that was asked for', () => {
    expect(isSameRepresentation([['ETag', '"1"']], [['Cache-Control', 'max-age=60']])).toBe(true)
    expect(isSameRepresentation([], [])).toBe(true)
  })

  test('any tags are compared without an error, and equal ones are the same unless one is weak', () => {
    const text = fc.oneof(fc.string(), anyCharacters)
    fc.assert(
      fc.property(text, text, (a, b) => {
        isSameRepresentation([['ETag', a]], [['ETag', b]])
        expect(isSameRepresentation([['ETag', a]], [['ETag', a]])).toBe(true)
      }),
    )
  })
})
