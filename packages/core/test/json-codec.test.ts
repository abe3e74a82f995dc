import { jsonCodec } from '@shelflife/core/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { thrown } from './thrown.ts'

const text = (value: unknown): string => new TextDecoder().decode(jsonCodec.encode(value) as Uint8Array)

test('it is codec 1, which other codecs must not be', () => {
  expect(jsonCodec).toMatchObject({ id: 1, name: 'json' })
})

test('what it writes is JSON that any language reads', () => {
  expect(text({ a: [1, 'é', null, true], b: {} })).toBe('{"a":[1,"é",null,true],"b":{}}')
})

test('every JSON value comes back as it was, whatever its property names', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify([value], (_, part: unknown) => (Object.is(part, -0) ? 'minus' : part)).includes('minus'))
      expect(jsonCodec.decode(jsonCodec.encode(value) as Uint8Array)).toStrictEqual(value)
    }),
    { numRuns: 2000 },
  )
})

const sparse = Object.assign([] as unknown[], { length: 1 })

test.for<readonly [string, unknown, string]>([
  ['undefined', undefined, 'undefined'],
  ['nested undefined', { a: [undefined] }, 'undefined'],
  ['a function', { a: () => 1 }, 'function'],
  ['a symbol', [Symbol('a')], 'symbol'],
  ['a bigint', { a: 1n }, 'bigint'],
  ['NaN', { a: Number.NaN }, 'NaN'],
  ['Infinity', [-Infinity], '-Infinity'],
  ['-0', [-0], '-0'],
  ['a Date', { a: new Date(0) }, 'instances of a class'],
  ['a Map', new Map(), 'instances of a class'],
  ['a typed array', new Uint8Array(1), 'instances of a class'],
  ['an object without prototype', Object.create(null), 'instances of a class'],
  ['a boxed number', Object(1), 'instances of a class'],
  ['a subclass of Array', new (class List extends Array {})(), 'instances of a class'],
  ['an object with toJSON', { toJSON: () => 1 }, 'function'],
  ['a symbol as name', { [Symbol('a')]: 1 }, 'symbols as property names'],
  ['a hole', sparse, 'arrays with holes or properties'],
  ['an array with properties', Object.assign([1], { a: 1 }), 'arrays with holes or properties'],
  [
    'an array with holes and properties',
    Object.assign([...sparse], { length: 1, a: 1 }),
    'arrays with holes or properties',
  ],
  [
    'an array with as many properties as holes',
    Object.assign([], { length: 1, a: 1 }),
    'arrays with holes or properties',
  ],
])('%s is refused rather than changed, and the message says what it is', ([, value, what]) => {
  const error = thrown(() => jsonCodec.encode(value))
  expect(error.code).toBe('unsupported-value')
  expect(error.message).toBe(
    `JSON cannot carry ${what} unchanged; use another codec, or return plain data from the loader`,
  )
})

test('a cycle is refused, and so is what is deeper than 500 levels', () => {
  const ring: Record<string, unknown> = {}
  ring['self'] = ring
  let deep: unknown = 1
  for (let i = 0; i < 502; i++) deep = [deep]
  for (const value of [ring, deep]) {
    expect(thrown(() => jsonCodec.encode(value)).message).toContain('more than 500 levels or a cycle')
  }
})

test('no message shows the value', () => {
  for (const value of [{ hunter2: undefined }, { a: 'hunter2', b: 1n }, { a: Symbol('hunter2') }]) {
    expect(thrown(() => jsonCodec.encode(value)).message).not.toContain('hunter2')
  }
})
