import { describe, expect, test } from 'vitest'

import { noVarySearch } from '../src/no-vary-search.ts'
import type { QueryOptions } from '../src/response-key.ts'

describe('draft-ietf-httpbis-no-vary-search §2: No-Vary-Search says what the key leaves out', () => {
  test.each<[QueryOptions, string | undefined]>([
    [{}, undefined],
    [{ ignore: [], sort: false }, undefined],
    [{ sort: true }, 'key-order'],
    [{ ignore: ['utm_source'] }, 'params=("utm_source")'],
    [{ ignore: ['a', 'b', 'a'], sort: true }, 'key-order, params=("a" "b")'],
    [{ allow: ['page'] }, 'params, except=("page")'],
    [{ allow: [] }, 'params'],
    [{ allow: ['a', 'b'], ignore: ['b', 'c'] }, 'params, except=("a")'],
    [{ allow: ['a'], ignore: ['a'] }, 'params'],
    [{ allow: ['page'], sort: true }, 'key-order, params, except=("page")'],
  ])('%j is %s', (options, value) => expect(noVarySearch(options)).toBe(value))

  test.each([
    ['é', '%C3%A9'],
    ['a b', 'a+b'],
    ['a[]', 'a%5B%5D'],
    ['"\\\r\n', '%22%5C%0D%0A'],
    ['a=b&c', 'a%3Db%26c'],
    ['100%', '100%25'],
    ['', ''],
    ['\ud800', '%EF%BF%BD'],
  ])('§3: the name %j is encoded as it is decoded on the other side', (name, encoded) => {
    expect(noVarySearch({ ignore: [name] })).toBe(`params=("${encoded}")`)
  })
})
