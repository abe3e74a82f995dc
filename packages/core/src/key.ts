import { ShelflifeError } from './errors.ts'
import { sha256 } from './sha256.ts'

/** Above this length the arguments are replaced by their SHA-256, so that keys stay short in every store. */
const LONGEST_ARGUMENTS = 200
const DEEPEST = 64

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const bytesOf = (value: ArrayBufferView): Uint8Array => new Uint8Array(value.buffer, value.byteOffset, value.byteLength)

function isPlain(prototype: object | null): boolean {
  if (prototype === Object.prototype || prototype === null) return true
  // the Object.prototype of another realm, as in a vm context
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

type Encoder = (value: never, path: string, depth: number) => string

const ENCODERS = new Map<unknown, Encoder>([
  [Date.prototype, (date: Date) => `Date(${Number.isNaN(date.getTime()) ? 'NaN' : date.toISOString()})`],
  [URL.prototype, (url: URL) => `URL(${JSON.stringify(url.href)})`],
  [URLSearchParams.prototype, (query: URLSearchParams) => `URLSearchParams(${JSON.stringify(query.toString())})`],
  [ArrayBuffer.prototype, (buffer: ArrayBuffer) => `ArrayBuffer(${hex(new Uint8Array(buffer))})`],
  [DataView.prototype, (view: DataView) => `DataView(${hex(bytesOf(view))})`],
  [
    Map.prototype,
    (map: Map<unknown, unknown>, path, depth) => {
      const parts: string[] = []
      for (const [k, v] of map) {
        parts.push(`${encode(k, `${path}.keys()`, depth)}=>${encode(v, `${path}.values()`, depth)}`)
      }
      return `Map{${parts.join()}}`
    },
  ],
  [
    Set.prototype,
    (set: Set<unknown>, path, depth) =>
      `Set{${Array.from(set, (value) => encode(value, `${path}.values()`, depth)).join()}}`,
  ],
])

function encoderOf(value: object, prototype: object | null): Encoder | undefined {
  const known = ENCODERS.get(prototype)
  if (known !== undefined || !ArrayBuffer.isView(value)) return known
  const name = value.constructor.name
  // a subclass of a typed array is a class instance like any other; Buffer is the one that everybody uses
  const builtIn = (globalThis as Record<string, unknown>)[name]
  if (builtIn !== value.constructor) return undefined
  return () => `${name}(${hex(bytesOf(value))})`
}

function refuse(what: string, path: string): never {
  throw new ShelflifeError(
    'invalid-key',
    `${path} ${what}, which cannot be part of a key; pass plain data, or state the key with the \`key\` option`,
  )
}

function kindOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? `is an instance of ${name}` : 'is an instance of a class'
}

function encodeArray(array: readonly unknown[], path: string, depth: number): string {
  let text = '['
  for (let i = 0; i < array.length; i++) {
    if (i > 0) text += ','
    const value = array[i]
    // a hole is not an `undefined`
    if (value !== undefined || i in array) text += encode(value, path, depth, i)
  }
  if (Object.keys(array).length > array.length) refuse('is an array with properties of its own', path)
  return `${text}]`
}

const isSorted = (names: readonly string[]): boolean => {
  for (let i = 1; i < names.length; i++) if ((names[i - 1] as string) > (names[i] as string)) return false
  return true
}

function encodeObject(object: Record<string, unknown>, path: string, depth: number): string {
  const names = Object.keys(object)
  if (!isSorted(names)) names.sort()
  let text = '{'
  for (const name of names) {
    if (text.length > 1) text += ','
    text += IDENTIFIER.test(name) ? name : JSON.stringify(name)
    text += ':'
    text += encode(object[name], path, depth, name)
  }
  if (Object.getOwnPropertySymbols(object).length > 0) refuse('has a symbol as property name', path)
  return `${text}}`
}

function encode(value: unknown, parent: string, depth: number, step?: string | number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      // -0 equals 0, as for a Map
      return `${value}`
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return `${value}`
  }
  if (value === null) return 'null'
  const path = step === undefined ? parent : typeof step === 'number' ? `${parent}[${step}]` : `${parent}.${step}`
  if (typeof value !== 'object') return refuse(`is a ${typeof value}`, path)
  if (depth >= DEEPEST) return refuse(`is nested deeper than ${DEEPEST} levels or in a cycle`, path)
  const prototype: object | null = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return encodeArray(value, path, depth + 1)
  if (isPlain(prototype)) return encodeObject(value as Record<string, unknown>, path, depth + 1)
  const encoder = encoderOf(value, prototype)
  if (encoder === undefined) return refuse(kindOf(value), path)
  return encoder(value as never, path, depth + 1)
}

function shortened(text: string): string {
  if (text.length <= LONGEST_ARGUMENTS) return text
  const digest = sha256(new TextEncoder().encode(text))
  return `#${hex(digest)}`
}

/**
 * The part of a key that tells calls apart: injective, with the type of every value, in any order of properties.
 * `(42)` is not `("42")`; `-0` equals `0`; the order of a Map or Set counts, that of properties does not.
 *
 * @throws ShelflifeError `invalid-key` for functions, symbols, cycles, promises and class instances
 */
export function encodeArguments(args: readonly unknown[]): string {
  let text = ''
  for (let i = 0; i < args.length; i++) {
    if (i > 0) text += ','
    text += encode(args[i], `argument ${i + 1}`, 0)
  }
  return `(${shortened(text)})`
}
