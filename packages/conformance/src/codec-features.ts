import type { CodecFeature } from '@shelflife/core'

class Point {
  readonly x = 1
  readonly y = 2
}

class List extends Array<number> {}

class NotFound extends Error {
  readonly status = 404
}

function cycle(): unknown {
  const node: { self?: unknown } = {}
  node.self = node
  return node
}

function cyclicArray(): unknown {
  const array: unknown[] = [1]
  array.push([array])
  return array
}

const typedArrays = (): readonly unknown[] => [
  Uint8Array.of(1, 2, 255),
  new Uint8Array(0),
  Uint8ClampedArray.of(1, 255),
  Int8Array.of(-1, 127),
  Uint16Array.of(1, 65_535),
  Int16Array.of(-1, 2),
  Uint32Array.of(1, 2 ** 32 - 1),
  Int32Array.of(-1, 2),
  Float32Array.of(0.5, NaN),
  Float64Array.of(0.1, -0),
  BigInt64Array.of(-1n, 2n ** 62n),
  BigUint64Array.of(2n ** 63n),
  Uint8Array.of(0, 1, 2, 3).subarray(1, 3),
  Float64Array.of(1, 2, 3).subarray(1),
]

/** Values of each kind, made anew for every call. Bare; the suite puts them inside others too. */
export const CODEC_SAMPLES: Readonly<Record<CodecFeature, () => readonly unknown[]>> = {
  date: () => [new Date(0), new Date(1_700_000_000_123), new Date(-1), new Date(8.64e15)],
  map: () => [
    new Map(),
    new Map<unknown, unknown>([
      ['b', 1],
      ['a', [2]],
      [1, 'x'],
      ['1', 'y'],
    ]),
    new Map([[{ id: 1 }, true]]),
  ],
  set: () => [new Set(), new Set([3, 'a', '3', null]), new Set([{ id: 1 }])],
  bigint: () => [0n, -1n, 2n ** 53n, 2n ** 63n, -(2n ** 64n), 2n ** 200n],
  'non-finite': () => [NaN, Infinity, -Infinity],
  'negative-zero': () => [-0],
  undefined: () => [undefined, { a: undefined }, [undefined], { a: undefined, b: 1 }],
  'typed-array': typedArrays,
  'array-buffer': () => [
    Uint8Array.of(1, 2).buffer,
    new ArrayBuffer(0),
    new DataView(Uint8Array.of(1, 2, 3).buffer, 1),
  ],
  buffer: () => [Buffer.from('text'), Buffer.alloc(0)],
  error: () => [new Error('failed'), new TypeError('wrong'), new RangeError('far', { cause: 'near' })],
  'error-with-properties': () => [Object.assign(new Error('failed'), { code: 'ENOENT' }), new NotFound('gone')],
  regexp: () => [/a/, /b+/gi],
  url: () => [new URL('https://example.org/a?b=c')],
  hole: () => [Array(1), Object.assign(Array(3), { 0: 1, 2: 3 }), [Object.assign(Array(2), { 0: 1 })]],
  'array-property': () => [Object.assign([1], { extra: 2 }), Object.assign(Array(3), { 0: 1, 2: 3, extra: 2 })],
  'class-instance': () => [new Point(), List.of(1, 2), Object.create({ inherited: 1 })],
  'boxed-primitive': () => [Object(1), Object('a'), Object(true)],
  'null-prototype': () => [Object.create(null), Object.assign(Object.create(null), { a: 1 })],
  'proto-key': () => [JSON.parse('{"__proto__":1}'), JSON.parse('{"a":{"__proto__":{"polluted":true}}}')],
  'lone-surrogate': () => ['\ud800', 'a\udfffb', { '\ud800': 1 }, ['\udc00\ud800']],
  'symbol-key': () => [{ [Symbol('key')]: 1 }, { a: 1, [Symbol.for('key')]: 2 }],
  cycle: () => [cycle(), cyclicArray()],
}

/** What no codec may carry: bytes are not code, and a symbol is nothing outside its process. */
export const REFUSED_SAMPLES: readonly unknown[] = [
  Symbol('value'),
  Symbol.iterator,
  () => 1,
  class {},
  { toJSON: () => 'other' },
]
