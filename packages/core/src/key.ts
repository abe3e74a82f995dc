import { builtInName, classNameOf, isPlainArray, isPlainObject } from './built-in.ts'
import { ShelflifeError } from './errors.ts'

const DEEPEST = 64

const OF_MAP =
  'the arguments are those of `list.map(fn)`: an item, its index and the list; write `list.map((item) => fn(item))`'

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

function refuse(what: string, path: string, options?: ErrorOptions): never {
  const advice = path.startsWith('argument') ? ', or use the `key` option' : ''
  throw new ShelflifeError('invalid-key', `${path} ${what}, which no key can have; pass plain data${advice}`, options)
}

type Encoder = (value: never, path: string, depth: number) => string

const ENCODERS: Readonly<Record<string, Encoder>> = {
  // so that no other name is found in it
  __proto__: null as never,
  // `null` where it is invalid
  Date: (date: Date) => `${date.toJSON()}`,
  URL: (url: URL) => JSON.stringify(url.href),
  Set: (set: Set<unknown>, path, depth) => Array.from(set, (value) => encode(value, `${path}.values()`, depth)).join(),
  Map: (map: Map<unknown, unknown>, path, depth) =>
    Array.from(map, ([k, v]) => {
      return `${encode(k, `${path}.keys()`, depth)}=>${encode(v, `${path}.values()`, depth)}`
    }).join(),
}

function encodeBuiltIn(value: object, path: string, depth: number): string {
  const name = builtInName(value)
  if (name !== undefined && ArrayBuffer.isView(value)) {
    return `${name}(${new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join()})`
  }
  const encoder = ENCODERS[name ?? '']
  if (encoder === undefined) return refuse(`is an instance of ${classNameOf(value) ?? 'a class'}`, path)
  if (Object.keys(value).length > 0) return refuse(`is a ${name} with properties of its own`, path)
  return `${name}(${encoder(value as never, path, depth)})`
}

function encodeArray(array: readonly unknown[], path: string, depth: number): string {
  let text = '['
  let holes = 0
  for (let i = 0; i < array.length; i++) {
    if (i > 0) text += ','
    const value = array[i]
    // a hole is not an `undefined`
    if (value === undefined && !(i in array)) {
      text += '~'
      holes++
    } else text += encode(value, path, depth, i)
  }
  if (Object.keys(array).length > array.length - holes) refuse('is an array with properties of its own', path)
  return `${text}]`
}

const encodeName = (name: string): string => (IDENTIFIER.test(name) ? name : JSON.stringify(name))

function encodeObject(object: Record<string, unknown>, path: string, depth: number): string {
  let text = ''
  for (const name of Object.keys(object).sort()) {
    const value = object[name]
    if (value !== undefined) text += `${text && ','}${encodeName(name)}:${encode(value, path, depth, name)}`
  }
  return `{${text}}`
}

function encodeContents(value: object, path: string, depth: number): string {
  if (isPlainArray(value)) return encodeArray(value, path, depth)
  return isPlainObject(value) ? encodeObject(value as never, path, depth) : encodeBuiltIn(value, path, depth)
}

function encode(value: unknown, parent: string, depth: number, step?: string | number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'number':
    // -0 equals 0, as for a Map
    case 'boolean':
    case 'undefined':
      return `${value}`
  }
  if (value === null) return 'null'
  const path = step === undefined ? parent : typeof step === 'number' ? `${parent}[${step}]` : `${parent}.${step}`
  if (typeof value !== 'object') return refuse(`is a ${typeof value}`, path)
  if (depth >= DEEPEST) return refuse(`is nested deeper than ${DEEPEST} levels or cyclic`, path)
  const text = encodeContents(value, path, depth + 1)
  return Object.getOwnPropertySymbols(value).length > 0 ? refuse('has a symbol as a name', path) : text
}

function encodeRoot(value: unknown, path: string): string {
  try {
    return encode(value, path, 0)
  } catch (error) {
    if (error instanceof ShelflifeError) throw error
    // a proxy, a getter, or what has the prototype of a Set and is none
    return refuse('cannot be read', path, { cause: error })
  }
}

/**
 * The part of a key that tells calls apart: injective, with the type of every value, in any order of properties.
 * `(42)` is not `("42")`; `-0` equals `0`; the order of a Map or Set counts, that of properties does not. A property that
 * is `undefined` is as good as none, as in JSON, and so is an argument that nothing comes after.
 *
 * @throws ShelflifeError `invalid-key` for functions, symbols, cycles, promises and class instances, and for what
 *   `Array.prototype.map` calls its function with
 */
export function encodeArguments(args: readonly unknown[]): string {
  if (!Array.isArray(args)) throw new ShelflifeError('invalid-key', 'the arguments must be an array')
  if (isOfMap(args)) throw new ShelflifeError('invalid-key', OF_MAP)
  return `(${statedArguments(args)
    .map((arg, i) => encodeRoot(arg, `argument ${i + 1}`))
    .join()})`
}

/** Arguments without those at the end that are `undefined`. */
export function statedArguments(args: readonly unknown[]): readonly unknown[] {
  let count = args.length
  while (count > 0 && args[count - 1] === undefined) count--
  return count === args.length ? args : args.slice(0, count)
}

/** `ids.map(getProduct)` passes the index and the whole list as well, and no invalidation would ever name these. */
const isOfMap = ({ length, 0: item, 1: index, 2: list }: readonly unknown[]): boolean =>
  length === 3 && Array.isArray(list) && typeof index === 'number' && index in list && Object.is(list[index], item)

/** The same for a key that is stated. */
export const encodeKey = (key: unknown): string => `(${encodeRoot(key, 'the key')})`
