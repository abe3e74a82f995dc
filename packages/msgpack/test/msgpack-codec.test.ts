import { msgpackCodec } from '@shelflife/msgpack'
import { describe, expect, test } from 'vitest'

import { refusal } from './thrown.ts'

const encode = (value: unknown): Uint8Array => msgpackCodec.encode(value) as Uint8Array
const roundTrip = (value: unknown): unknown => msgpackCodec.decode(encode(value))

const JSON_TEXT = 0x20

/** Anything in it that JSON does not have keeps JSON away. */
const asMessagePack = (value: unknown): unknown => [value, new Date(0)]

describe('what is carried', () => {
  test('an invalid Date', () => {
    expect(roundTrip(new Date(NaN))).toEqual(new Date(NaN))
  })

  test('Dates of any year, to the millisecond', () => {
    const dates = [-8.64e15, -1.5e12 - 1, -1001, -1000, -999, 1, 999, 2 ** 32 * 1000, 2 ** 34 * 1000 + 7, 8.64e15 - 1]
    for (const date of dates) expect((roundTrip(new Date(date)) as Date).getTime()).toBe(date)
  })

  test('an Error with its class, message and cause; its stack ends here', () => {
    const cause = Object.assign(Object.create(null), { list: [-0] })
    const decoded = roundTrip({ error: new RangeError('far', { cause }) }) as { error: RangeError }
    expect(decoded.error).toBeInstanceOf(RangeError)
    expect(decoded.error.message).toBe('far')
    expect(Object.is((decoded.error.cause as { list: unknown[] }).list[0], -0)).toBe(true)
    expect(decoded.error.stack).toBe('RangeError: far')
    expect(Object.keys(decoded.error)).toEqual([])
  })

  test('an Error has a cause only where it had one', () => {
    expect(Object.hasOwn(roundTrip(new Error('failed')) as Error, 'cause')).toBe(false)
    expect(Object.hasOwn(roundTrip(new Error('failed', { cause: undefined })) as Error, 'cause')).toBe(true)
    expect(Object.hasOwn(roundTrip(new TypeError()) as Error, 'message')).toBe(false)
  })

  test('names that msgpackr keeps for itself', () => {
    const values = [
      [{ __keys__: 1 }, {}],
      { a: 1, __keys__: [2], map: 3, length: 4 },
      [{ a: 1 }, { a: 1, __keys__: 2 }],
    ]
    for (const value of values) expect(roundTrip(asMessagePack(value))).toStrictEqual(asMessagePack(value))
    expect(roundTrip(asMessagePack([{ a: 1 }, {}]))).toStrictEqual(asMessagePack([{ a: 1 }, {}]))
    expect(Object.hasOwn(Array.prototype.map, '__keys__')).toBe(false)
  })

  test('properties called as the methods that encoders call', () => {
    const value = { constructor: null, hasOwnProperty: 1, toJSON: 2, valueOf: 3, buffer: 4, size: 5 }
    expect(roundTrip(value)).toStrictEqual(value)
    expect(roundTrip(asMessagePack(value))).toStrictEqual(asMessagePack(value))
  })

  test('text that starts with a byte order mark, also in names', () => {
    for (const length of [1, 20, 21, 64, 5000]) {
      const text = `\ufeff${'x'.repeat(length)}`
      const value = asMessagePack({ [text]: text })
      expect(roundTrip(value)).toStrictEqual(value)
    }
  })

  test('odd things inside of each other', () => {
    const value = {
      map: new Map<unknown, unknown>([['\ud800', new Map([[{ '\udfff': -0 }, new Set(['\ud800', -0.5])]])]]),
      none: Object.assign(Object.create(null), { '\ud800': Object.create(null) }),
      proto: JSON.parse('{"__proto__":{"__proto__":-0}}'),
      bytes: Uint8Array.of(0xc1, 0xc1),
    }
    const decoded = roundTrip(value) as typeof value
    expect(decoded).toStrictEqual(value)
    expect(Object.getPrototypeOf(decoded.none)).toBe(null)
  })

  test('more shapes in one value than msgpackr has ids for, again and again', () => {
    const shapes = Array.from({ length: 300 }, (_, i) => ({ [`a${i}`]: { [`b${i % 70}`]: i, [`c${i}`]: [{ d: i }] } }))
    const value = [...shapes, ...shapes.toReversed()]
    for (let i = 0; i < 20; i++) expect(roundTrip(value)).toStrictEqual(value)
  })

  test('what was refused leaves nothing behind', () => {
    expect(() =>
      encode([
        { a: 1 },
        {
          get broken(): never {
            throw new Error('no')
          },
        },
      ]),
    ).toThrow()
    expect(roundTrip(asMessagePack([{ a: 1 }, { a: 2 }]))).toStrictEqual(asMessagePack([{ a: 1 }, { a: 2 }]))
  })

  test('an object that two places refer to becomes two', () => {
    const shared = { a: 1 }
    const [one, other] = roundTrip([shared, shared]) as object[]
    expect(one).toEqual(other)
    expect(one).not.toBe(other)
  })
})

describe('what is refused, and why', () => {
  const cyclic: unknown[] = []
  cyclic.push({ cyclic })
  const parent = { children: [] as unknown[] }
  for (let i = 0; i < 10; i++) parent.children.push({ parent })

  class Point {
    readonly x = 1
  }

  test.each<[string, unknown, RegExp]>([
    ['a class', new Point(), /instances of Point/],
    ['a class without a name', new (class {})(), /instances of a class/],
    ['an inherited class', new (class extends Map {})(), /instances of a class/],
    ['a URL', new URL('https://example.org'), /instances of URL/],
    ['a RegExp', /a/, /instances of RegExp/],
    ['a Promise', Promise.resolve(1), /instances of Promise/],
    ['a WeakMap', new WeakMap(), /instances of WeakMap/],
    ['a boxed number', Object(1), /instances of Number/],
    ['a function', { load: () => 1 }, /a function/],
    ['a symbol', Symbol('s'), /a symbol/],
    ['a symbol as a name', { [Symbol('s')]: 1 }, /symbols as property names/],
    ['a symbol as a name in an array', Object.assign([1], { [Symbol('s')]: 1 }), /symbols as property names/],
    [
      'arguments',
      (function () {
        return arguments
      })(),
      /symbols as property names/,
    ],
    ['a hole', Object.assign(Array(3), { 0: 1, 2: 2 }), /holes/],
    ['four billion holes', Array(2 ** 32 - 1), /holes/],
    ['the result of a match', /a/.exec('a'), /properties/],
    ['a cycle', cyclic, /a cycle/],
    ['a cycle that branches', parent, /a cycle/],
    ['a Date with properties', Object.assign(new Date(0), { zone: 'UTC' }), /Date with properties/],
    ['a Map with properties', Object.assign(new Map(), { a: 1 }), /Map with properties/],
    ['what only looks like a Date', Object.create(Date.prototype), /what cannot be read/],
    ['what only looks like an Error', Object.create(Error.prototype), /only looks like/],
    ['what only looks like an array', Object.create(Array.prototype), /instances of Array/],
    ['an Error with properties', Object.assign(new Error('no'), { code: 'E' }), /more than a message and a cause/],
    ['an Error of another class', new AggregateError([]), /instances of AggregateError/],
    ['an Error with an unsupported cause', new Error('no', { cause: () => 1 }), /a function/],
    ['shared memory', new Uint8Array(new SharedArrayBuffer(8)), /shared memory/],
    ['a resizable buffer', Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]), /resizable/],
    [
      'a getter that throws',
      {
        get a(): never {
          throw new Error('no')
        },
      },
      /cannot be read/,
    ],
  ])('%s', async (_, value, why) => {
    for (const one of [value, [value], { a: { value } }, new Map([[1, value]]), new Set([value])]) {
      expect(await refusal(msgpackCodec, one)).toMatch(why)
    }
  })

  test('an element type that MessagePack does not know', async () => {
    const { Float16Array } = globalThis as { Float16Array?: new (length: number) => unknown }
    if (Float16Array !== undefined) expect(await refusal(msgpackCodec, new Float16Array(2))).toMatch(/Float16Array/)
  })

  test('more than 500 levels, in time', async () => {
    const levels = (count: number): unknown => {
      let value: unknown = 1
      for (let i = 0; i < count; i++) value = i % 2 === 0 ? [value] : { value }
      return value
    }
    expect(roundTrip(levels(500))).toStrictEqual(levels(500))
    expect(roundTrip([...(levels(499) as unknown[]), -0])).toStrictEqual([...(levels(499) as unknown[]), -0])
    expect(await refusal(msgpackCodec, levels(501))).toMatch(/500 levels/)
    expect(await refusal(msgpackCodec, levels(1_000_000))).toMatch(/500 levels/)
  })
})

describe('the format', () => {
  const record = { id: 1, name: 'name', price: 9.5 }

  test('is JSON for small plain values, and MessagePack for all others', () => {
    expect(encode(record)[0]).toBeGreaterThanOrEqual(JSON_TEXT)
    expect(new TextDecoder().decode(encode(record))).toBe(JSON.stringify(record))
    expect(encode(Array(100).fill(record))[0]).toBe(1)
    expect(encode({ ...record, at: new Date() })[0]).toBe(1)
    expect(encode({ ...record, price: -0 })[0]).toBe(2)
  })

  test('does not depend on what was encoded before', () => {
    const value = Array(100).fill(record)
    const before = encode(value)
    encode([{ other: 1, record }, ...value])
    expect(encode(value)).toEqual(before)
  })

  test('of records needs less than that of JSON', () => {
    const value = Array.from({ length: 100 }, (_, id) => ({ ...record, id }))
    expect(encode(value).length).toBeLessThan(0.6 * JSON.stringify(value).length)
  })

  test('bytes are read without leaving anything on them', () => {
    const bytes = encode(Array(100).fill(record))
    msgpackCodec.decode(bytes)
    expect(Object.getOwnPropertyNames(bytes).filter((name) => Number.isNaN(Number(name)))).toEqual([])
  })

  // payloads as the first release wrote them
  test.each<[string, unknown]>([
    ['7b2261223a5b312c2262225d7d', { a: [1, 'b'] }],
    [
      '01d4724093a161a162a163d6ff0000000181a16b01c403010203',
      { a: new Date(1000), b: new Map([['k', 1]]), c: Buffer.from([1, 2, 3]) },
    ],
    [
      '0197d30000000000000001d84200000000000000400000000000000000d4730091cb3ff8000000000000c70574070000803fd40000' +
        'cb7ff800000000000092d4724091a161014002',
      [1n, 2n ** 70n, new Set([1.5]), Float32Array.of(1), undefined, NaN, [{ a: 1 }, { a: 2 }]],
    ],
    [
      '029492c10093c101c703740400d894c102c292a1610194c103a9547970654572726f7292a76d657373616765a26e6f',
      [-0, '\ud800', Object.assign(Object.create(null), { a: 1 }), new TypeError('no')],
    ],
  ])('%s stays readable', (hex, value) => {
    expect(msgpackCodec.decode(Uint8Array.from(Buffer.from(hex, 'hex')))).toStrictEqual(value)
    expect(Buffer.from(encode(value)).toString('hex')).toBe(hex)
  })
})
