import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { EntityTag } from '../src/entity-tag.ts'
import { generateEtag, isStrongMatch, isWeakMatch, parseEntityTag, parseEntityTagList } from '../src/entity-tag.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const strong = (opaque: string): EntityTag => ({ isWeak: false, opaque })
const weak = (opaque: string): EntityTag => ({ isWeak: true, opaque })
const written = ({ isWeak, opaque }: EntityTag): string => `${isWeak ? 'W/' : ''}"${opaque}"`

/** RFC 9110 §8.8.3: etagc. */
const opaque = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0xff })
    .filter((code) => code !== 0x22 && code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
})
const tag = fc.record({ isWeak: fc.boolean(), opaque })

describe('RFC 9110 §8.8.3: an entity tag', () => {
  test.each<[string, EntityTag]>([
    ['"1"', strong('1')],
    ['W/"1"', weak('1')],
    ['""', strong('')],
    [' "1"\t', strong('1')],
    ['"a,b\\c\'d"', strong("a,b\\c'd")],
    ['"\u00e9"', strong('\u00e9')],
  ])('%j is one', (text, expected) => {
    expect(parseEntityTag(text)).toEqual(expected)
  })

  test.each([
    undefined,
    '',
    '1',
    '"1',
    '1"',
    '"',
    'w/"1"',
    'W/1',
    'W/ "1"',
    '"a b"',
    '"a"b"',
    '"1", "2"',
    '*',
    "'1'",
    '"\u0000"',
    '"\u007f"',
  ])('%j is none', (text) => {
    expect(parseEntityTag(text)).toBeUndefined()
  })

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(tag, (any) => {
        expect(parseEntityTag(written(any))).toEqual(any)
      }),
    )
  })
})

describe('RFC 9110 §13.1.2: a list of entity tags', () => {
  test.each<[string, readonly EntityTag[] | '*']>([
    ['*', '*'],
    [' * ', '*'],
    ['"1"', [strong('1')]],
    ['"1", W/"2"', [strong('1'), weak('2')]],
    ['"1",W/"2"\t, "3"', [strong('1'), weak('2'), strong('3')]],
    ['"a,b", "c"', [strong('a,b'), strong('c')]],
    [', "1",, "2",', [strong('1'), strong('2')]],
    ['', []],
    [',', []],
  ])('%j', (text, expected) => {
    expect(parseEntityTagList(text)).toEqual(expected)
  })

  test.each<[string, readonly EntityTag[]]>([
    ['1, "2"', [strong('2')]],
    ['"1"x, "2"', [strong('2')]],
    ['"a b", "2"', [strong('2')]],
    ['"a b, "2"', [strong('2')]],
    ['*, "2"', [strong('2')]],
    ['"1', []],
    ['"1" "2", "3"', [strong('3')]],
    ['w/"1", W/"2', []],
  ])('members that are no tag are left out of %j', (text, expected) => {
    expect(parseEntityTagList(text)).toEqual(expected)
  })

  test('is read back as it was written', () => {
    const separator = fc.constantFrom(',', ', ', ' ,\t', ',,')
    fc.assert(
      fc.property(fc.array(tag), separator, (tags, comma) => {
        expect(parseEntityTagList(tags.map(written).join(comma))).toEqual(tags)
      }),
    )
  })

  test('any text is read without an error', () => {
    const unit = fc.constantFrom('"', ',', 'W', '/', ' ', 'a', '*', '\\', '\n')
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyCharacters, fc.string({ unit })), (text) => {
        parseEntityTag(text)
        const tags = parseEntityTagList(text)
        if (tags !== '*') for (const each of tags) expect(text).toContain(written(each))
      }),
    )
  })

  test.each(['"', ',', '",', 'W/', 'W/"', '"a ', '" ,', ' ', '"a"', '"a"b'])(
    'a long text of %j takes no longer than its length asks for',
    (part) => {
      const started = performance.now()
      parseEntityTagList(part.repeat(2 ** 18 / part.length))
      parseEntityTag(part.repeat(2 ** 18 / part.length))
      expect(performance.now() - started).toBeLessThan(5000)
    },
  )
})

test.each<[EntityTag, EntityTag, boolean, boolean]>([
  [weak('1'), weak('1'), false, true],
  [weak('1'), weak('2'), false, false],
  [weak('1'), strong('1'), false, true],
  [strong('1'), weak('1'), false, true],
  [strong('1'), strong('1'), true, true],
  [strong('1'), strong('2'), false, false],
])('RFC 9110 §8.8.3.2: %j and %j match strongly: %j, weakly: %j', (a, b, isStrong, isWeak) => {
  expect(isStrongMatch(a, b)).toBe(isStrong)
  expect(isWeakMatch(a, b)).toBe(isWeak)
})

describe('RFC 9110 §8.8.1: a generated tag', () => {
  test('is the first half of the SHA-256 of the body, and a strong tag', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (body) => {
        const own = await generateEtag(body as Uint8Array<ArrayBuffer>)
        expect(own).toBe(`"${createHash('sha256').update(body).digest().subarray(0, 16).toString('base64url')}"`)
        expect(parseEntityTag(own)?.isWeak).toBe(false)
      }),
    )
  })

  test('differs when one bit does, and is about the bytes that a view shows', async () => {
    const bytes = new Uint8Array([1, 2, 3, 4])
    expect(await generateEtag(bytes)).not.toBe(await generateEtag(new Uint8Array([1, 2, 3, 5])))
    expect(await generateEtag(bytes.subarray(1, 3))).toBe(await generateEtag(new Uint8Array([2, 3])))
  })
})
