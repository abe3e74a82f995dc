import { describe, expect, test } from 'vitest'

import { cacheGroupInvalidation, cacheGroups } from '../src/cache-groups.ts'

describe.each([
  ['RFC 9875 §2: Cache-Groups', 'Cache-Groups', cacheGroups],
  ['RFC 9875 §3: Cache-Group-Invalidation', 'Cache-Group-Invalidation', cacheGroupInvalidation],
])('%s', (_, name, read) => {
  test.each([
    ['"a"', ['a']],
    ['"a", "b c"', ['a', 'b c']],
    ['"b","a","b"', ['b', 'a']],
    ['"A", "a"', ['A', 'a']],
    [String.raw`"a\"b", "a\\b"`, ['a"b', 'a\\b']],
    ['"a";x=1;y, "b"', ['a', 'b']],
    ['""', ['']],
    ['"a, b"', ['a, b']],
  ])('%s is %j', (value, groups) => expect(read([[name, value]])).toEqual(groups))

  test('several lines are one list', () => {
    expect(
      read([
        [name, '"a"'],
        ['Other', '"x"'],
        [name.toUpperCase(), '"b"'],
      ]),
    ).toEqual(['a', 'b'])
  })

  test.each(['', ' ', 'a', '1', '?1', ':YQ==:', '("a")', '"a", b', '"a",', '"a', '"é"', '"a" "b"', '%"a"', '"a\0"'])(
    'RFC 9651 §4.2: %j is ignored as a whole',
    (value) => expect(read([[name, value]])).toEqual([]),
  )

  test('an absent field has no groups', () => expect(read([['Other', '"a"']])).toEqual([]))

  test('§2: 128 groups of 128 characters are possible, and not more', () => {
    const groups = Array.from({ length: 200 }, (_, i) => String(i).padStart(128, 'g'))
    const value = groups.map((group) => `"${group}"`).join(', ')
    expect(read([[name, value]])).toEqual(groups.slice(0, 128))
    expect(read([[name, `"${'g'.repeat(129)}", "a"`]])).toEqual(['a'])
  })
})
