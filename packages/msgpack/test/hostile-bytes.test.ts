import { inspect } from 'node:util'

import { msgpackCodec } from '@shelflife/msgpack'
import { Packr } from 'msgpackr'
import { describe, expect, test } from 'vitest'

import { complaint } from './thrown.ts'

const MEGABYTE = 2 ** 20
/** More than the slowest of them needs on a busy machine, and far from what any of them could do. */
const SOON = 2000

const bytes = (...parts: readonly (number | string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)))

/** The same bytes until there is a megabyte of them. */
const repeated = (format: number, part: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: MEGABYTE }, (_, i) => (i === 0 ? format : (part[(i - 1) % part.length] as number)))

const packed = (value: unknown): Uint8Array =>
  bytes(1, [...new Packr({ moreTypes: true, structuredClone: true, bundleStrings: false }).pack(value)])

const cycle: unknown[] = []
cycle.push(cycle)

const twoDeep = (format: number): Uint8Array => repeated(format, [0x91])

describe('are an error', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', bytes()],
    ['a format of the future', bytes(3, 0xc0)],
    ['a format without a value', bytes(1)],
    ['a value and a half', bytes(1, 0xc0, 0xc0)],
    ['broken JSON', bytes('{"a":')],
    ['JSON that is not UTF-8', bytes('"', 0xff, '"')],
    ['two JSON texts', bytes('{}{}')],
    ['an array of four billion', bytes(1, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0)],
    ['a map of four billion', bytes(1, 0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0)],
    ['a text of four billion', bytes(1, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ['bytes of four billion', bytes(1, 0xc6, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ['an extension of four billion', bytes(1, 0xc9, 0xff, 0xff, 0xff, 0xff, 0x74, 1)],
    ['a record of four billion', bytes(1, 0xd4, 0x72, 0x40, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61)],
    ['a record without its definition', bytes(1, 0x40)],
    ['a record with a number for a name', bytes(1, 0xd4, 0x72, 0x40, 0x91, 1, 1)],
    ['a record with an id that there is not', bytes(1, 0xd4, 0x72, 0x20, 0x90)],
    ['a record with an id of two bytes', bytes(1, 0xd5, 0x72, 0x40, 1, 0x90)],
    ['a Set of no array', bytes(1, 0xd4, 0x73, 0, 1)],
    ['a RegExp', packed(/(a+)+$/)],
    ['an Error', packed(new Error('no'))],
    ['a cycle', packed(cycle)],
    ['a bundle of texts', bytes(1, 0xd6, 0x62, 0, 0, 0, 1, 0xa1, 0x61, 0xa1, 0x61)],
    ['a Date of no known length', bytes(1, 0xc7, 5, 0xff, 0, 0, 0, 0, 0)],
    ['a typed array of no known kind', bytes(1, 0xc7, 2, 0x74, 15, 0)],
    ['half an element of a typed array', bytes(1, 0xc7, 5, 0x74, 8, 0, 0, 0, 0)],
    ['a typed array without its kind', bytes(1, 0xc7, 0, 0x74)],
    ['an extension that nobody writes', bytes(1, 0xd6, 0x01, 0, 0, 0, 0)],
    ['a float of four bytes, which nobody writes', bytes(1, 0xca, 0, 0, 0, 0)],
    ['an escape where there are none', bytes(1, 0x92, 0xc1, 0)],
    ['an escape of nothing', bytes(2, 0xc1)],
    ['an empty escape', bytes(2, 0x91, 0xc1)],
    ['an unknown escape', bytes(2, 0x92, 0xc1, 9)],
    ['an escaped text of something else', bytes(2, 0x93, 0xc1, 1, 0xa1, 0x61)],
    ['an escaped record of something else', bytes(2, 0x94, 0xc1, 2, 0xc2, 0xa1, 0x61)],
    ['an escaped record with a number for a name', bytes(2, 0x94, 0xc1, 2, 0xc3, 0x92, 1, 1)],
    ['an escaped error of an unknown class', bytes(2, 0x94, 0xc1, 3, 0xa8, 'Function', 0x90)],
  ])('%s', async (_, hostile) => {
    await complaint(msgpackCodec, hostile)
  })

  test('before msgpackr sees them', async () => {
    const levels = (count: number): Uint8Array => bytes(1, Array(count).fill(0x91), 0xc0)
    expect(await complaint(msgpackCodec, levels(1100))).toMatch(/too deep/)
    expect(await complaint(msgpackCodec, bytes(1, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0))).toMatch(/more than it has/)
    expect(await complaint(msgpackCodec, bytes(1, 0x92, 0x92, 1))).toMatch(/more than it has/)
    expect(await complaint(msgpackCodec, bytes(1, 0xc0, 0xc0))).toMatch(/another length/)
  })

  test('that quotes nothing of the value', () => {
    for (const broken of [bytes('{"secret":secret}'), bytes(1, 0x92, 0xa6, 'secret', 0xa6, 'secret', 0xc0)]) {
      try {
        msgpackCodec.decode(broken)
        expect.unreachable()
      } catch (error) {
        expect(inspect(error)).toContain('cannot be read')
        expect(inspect(error).split('    at ')[0]).not.toContain('secret')
        expect(inspect((error as Error).cause)).not.toContain('secret')
      }
    }
  })

  test('every beginning of a payload', async () => {
    const value = { at: new Date(1.5), map: new Map([[1, { a: 2n ** 80n }]]), set: new Set(['é']), zero: -0, b: [1.5] }
    for (const one of [value, { ...value, zero: 0 }, { plain: ['text', 1, null] }]) {
      const whole = msgpackCodec.encode(one) as Uint8Array
      for (let end = 0; end < whole.length; end++) await complaint(msgpackCodec, whole.subarray(0, end))
    }
  })
})

describe('take no time', () => {
  test.each<[string, Uint8Array]>([
    ['arrays in arrays', twoDeep(1)],
    ['arrays in arrays, escaped', twoDeep(2)],
    ['arrays that each announce all of it', repeated(1, [0xdd, 0, 0x0f, 0xff, 0])],
    ['maps in maps', repeated(1, [0x81, 0xa0])],
    ['bundles in bundles', repeated(1, [0xd6, 0x62, 0, 0, 0, 0])],
    ['records in records', repeated(1, [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61])],
    ['Sets in Sets', repeated(1, [0xd4, 0x73, 0, 0x91])],
    ['escapes in escapes', repeated(2, [0x94, 0xc1, 2, 0xc3, 0x92, 0xa0])],
    ['half a JSON text', repeated(0x5b, [0x5b])],
  ])('%s', async (_, hostile) => {
    const start = performance.now()
    await complaint(msgpackCodec, hostile)
    expect(performance.now() - start).toBeLessThan(SOON)
  })

  test('a bigint of a megabyte', () => {
    const start = performance.now()
    const hostile = bytes(1, 0xc9, 0, 0x0f, 0xff, 0xff, 0x42, Array(MEGABYTE - 1).fill(0x55))
    expect(typeof msgpackCodec.decode(hostile)).toBe('bigint')
    expect(performance.now() - start).toBeLessThan(SOON)
  })
})

describe('reach no prototype', () => {
  const PROTO = [0xa9, '__proto__'] as const

  test.each<[string, Uint8Array]>([
    ['JSON', bytes('{"__proto__":{"polluted":1}}')],
    ['a record', bytes(1, 0xd4, 0x72, 0x40, 0x91, ...PROTO, 0xd4, 0x72, 0x41, 0x91, 0xa8, 'polluted', 1)],
    ['a map', bytes(1, 0x81, ...PROTO, 0x81, 0xa8, 'polluted', 1)],
    ['an escape', bytes(2, 0x94, 0xc1, 2, 0xc3, 0x92, ...PROTO, 0x81, 0xa8, 'polluted', 1)],
    ['an escaped error', bytes(2, 0x94, 0xc1, 3, 0xa5, 'Error', 0x92, ...PROTO, 0x81, 0xa8, 'polluted', 1)],
  ])('%s', (_, hostile) => {
    const decoded = msgpackCodec.decode(hostile) as object
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Reflect.get(decoded, 'polluted')).toBeUndefined()
    const prototype: unknown = Object.getPrototypeOf(decoded)
    expect([Object.prototype, Map.prototype, Error.prototype].some((one) => one === prototype)).toBe(true)
  })

  test('names that are code stay names', () => {
    const name = 'a:0,[globalThis.polluted=1]:r(),"'
    const value = Array.from({ length: 100 }, (_, i) => ({ [name]: i, "b'\\": 1 }))
    expect(msgpackCodec.decode(msgpackCodec.encode(value) as Uint8Array)).toStrictEqual(value)
    expect(Object.hasOwn(globalThis, 'polluted')).toBe(false)
  })
})
