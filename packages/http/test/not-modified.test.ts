import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { HeaderList } from '../src/header-list.ts'
import { notModifiedHeaders } from '../src/not-modified.ts'

describe('RFC 9110 §15.4.5: a 304', () => {
  test('has what the 200 would have had to guide caches, names and order kept', () => {
    const kept: HeaderList = [
      ['date', 'Fri, 02 Jan 2026 03:04:05 GMT'],
      ['ETag', '"1"'],
      ['CACHE-CONTROL', 'max-age=60'],
      ['Expires', '0'],
      ['Vary', 'Origin'],
      ['vary', 'Accept-Encoding'],
      ['Content-Location', '/a'],
    ]
    expect(notModifiedHeaders(kept)).toEqual(kept)
  })

  test('RFC 9213: has targeted fields', () => {
    const kept: HeaderList = [
      ['CDN-Cache-Control', 'max-age=60'],
      ['Example-Cache-Control', 'max-age=5'],
    ]
    expect(notModifiedHeaders(kept)).toEqual(kept)
  })

  test('has the fields without which a browser refuses the answer', () => {
    const kept: HeaderList = [
      ['Access-Control-Allow-Origin', '*'],
      ['access-control-expose-headers', 'ETag'],
    ]
    expect(notModifiedHeaders(kept)).toEqual(kept)
  })

  test('has Last-Modified only where there is no ETag', () => {
    const modified = ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'] as const
    expect(notModifiedHeaders([modified])).toEqual([modified])
    expect(notModifiedHeaders([modified, ['etag', '"1"']])).toEqual([['etag', '"1"']])
  })

  test.each([
    'Content-Type',
    'Content-Length',
    'Content-Encoding',
    'Content-Range',
    'Transfer-Encoding',
    'Set-Cookie',
    'Age',
    'X-Any',
    'x-date',
  ])('has no %s', (name) => {
    expect(
      notModifiedHeaders([
        [name, '1'],
        ['ETag', '"1"'],
      ]),
    ).toEqual([['ETag', '"1"']])
  })

  test('has nothing that was not stored', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (headers) => {
        for (const line of notModifiedHeaders(headers)) expect(headers).toContain(line)
      }),
    )
  })
})
