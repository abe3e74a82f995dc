import { msgpackCodec } from '@shelflife/msgpack'
import { Packr } from 'msgpackr'
import { afterEach, expect, test, vi } from 'vitest'

const lengths = [0, 1, 3, 12, 40, 300]
const typedArrays: readonly unknown[] = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].flatMap((made) =>
    lengths.map((length) => new made(length)),
  ),
  ...[Float32Array, Float64Array].flatMap((made) => lengths.map((length) => new made(length))),
]
const values: readonly unknown[] = [
  ...typedArrays,
  ...[BigInt64Array, BigUint64Array].flatMap((made) => lengths.map((length) => new made(length))),
  ...lengths.flatMap((length) => [
    Buffer.alloc(length),
    new ArrayBuffer(length),
    new DataView(new ArrayBuffer(length)),
  ]),
  new Date(0),
  new Date(1.5),
  new Date(-1),
  new Date(NaN),
  2n ** 70n,
  new Map([[1, undefined]]),
  new Set(['a', 'é'.repeat(50)]),
  { a: { b: 1 } },
  -0,
  '\ud800',
  new Error('failed'),
]

interface Run {
  readonly all: readonly unknown[]
  readonly encode: (value: unknown) => Uint8Array
}

/** What becomes of values while all memory that nobody cleared holds the byte `fill`. */
function encodedOver(fill: number, { all, encode }: Run): string[] {
  const dirty = (size: number): Buffer<ArrayBuffer> => Buffer.alloc(size, fill)
  vi.spyOn(Buffer, 'allocUnsafeSlow').mockImplementation(dirty)
  vi.spyOn(Buffer, 'allocUnsafe').mockImplementation(dirty)
  return all.map((value) => {
    // more than msgpackr has left, so that it takes new memory
    encode(['x'.repeat(200_000), 1n])
    return Buffer.from(encode([value, 1n])).toString('hex')
  })
}

afterEach(() => vi.restoreAllMocks())

test('no byte of a payload comes from memory that nobody cleared', () => {
  const encode = (value: unknown): Uint8Array => msgpackCodec.encode(value) as Uint8Array
  expect(encodedOver(0xa5, { all: values, encode })).toEqual(encodedOver(0x5a, { all: values, encode }))
})

test('which this would notice: msgpackr without `moreTypes` does it', () => {
  const all = typedArrays
  const packr = new Packr({ structuredClone: false })
  const encode = (value: unknown): Uint8Array => packr.pack(value)
  expect(encodedOver(0xa5, { all, encode })).not.toEqual(encodedOver(0x5a, { all, encode }))
})

test('the payload shares no memory with others', () => {
  for (const value of [[1n], { a: 1 }, [-0]]) {
    const bytes = msgpackCodec.encode(value) as Uint8Array
    expect(bytes.buffer.byteLength).toBeLessThan(64)
  }
})
