import type { CodecFeature } from '@shelflife/core'

type Prototypes = ReadonlySet<unknown>

const prototypesOf = (made: readonly ({ readonly prototype: unknown } | undefined)[]): Prototypes =>
  new Set(made.map((one) => one?.prototype))

const { Buffer: NodeBuffer, URL: WebUrl } = globalThis as {
  readonly Buffer?: { readonly prototype: unknown }
  readonly URL?: { readonly prototype: unknown }
}

const BYTES = prototypesOf([
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  NodeBuffer,
])
const ERRORS = prototypesOf([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])

/** What they are as long as nobody has given them properties of their own. */
const BARE: ReadonlyMap<unknown, CodecFeature> = new Map<unknown, CodecFeature>([
  [Date.prototype, 'date'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [ArrayBuffer.prototype, 'array-buffer'],
  [RegExp.prototype, 'regexp'],
  [WebUrl?.prototype, 'url'],
  [Number.prototype, 'boxed-primitive'],
  [String.prototype, 'boxed-primitive'],
  [Boolean.prototype, 'boxed-primitive'],
])

export const isBytes = (prototype: unknown): boolean => BYTES.has(prototype)
export const isBuffer = (prototype: unknown): boolean => prototype !== undefined && prototype === NodeBuffer?.prototype
export const isError = (prototype: unknown): boolean => ERRORS.has(prototype)
export const isBuiltIn = (prototype: unknown): boolean => BARE.has(prototype)

/** What a bare instance of something built in is to a codec; `undefined` for all others. */
export function kindOf(value: object, prototype: unknown): CodecFeature | undefined {
  const names = Reflect.ownKeys(value).length
  if (prototype === String.prototype)
    return names === (value as ArrayLike<string>).length + 1 ? 'boxed-primitive' : undefined
  // where it is to look next is of its own
  if (prototype === RegExp.prototype) return names === 1 && (value as RegExp).lastIndex === 0 ? 'regexp' : undefined
  return names === 0 ? BARE.get(prototype) : undefined
}

export function nameOf(prototype: unknown): string {
  const { constructor: made } = prototype as { readonly constructor?: unknown }
  return typeof made === 'function' && made.name !== '' ? made.name : 'a class'
}
