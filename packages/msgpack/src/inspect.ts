import { isOddName, isOddText } from './odd.ts'
import { refuse } from './refuse.ts'

/** What is known of a value once all of it was seen. */
export interface Findings {
  /** JSON carries it unchanged. */
  readonly isJson: boolean
  /** Something in it has to be written in another way, see `escape.ts`. */
  readonly isOdd: boolean
  /** Characters that JSON would need, roughly. */
  readonly size: number
}

/** How deep a value may be nested. */
export const DEEPEST = 500

const BYTES: ReadonlySet<unknown> = new Set<unknown>(
  [
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
    (globalThis as { Buffer?: { readonly prototype: unknown } }).Buffer,
  ].map((constructor) => constructor?.prototype),
)

const ERRORS: ReadonlySet<unknown> = new Set<unknown>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(({ prototype }) => prototype),
)
const OF_ERRORS: readonly PropertyKey[] = ['stack', 'message', 'cause']

// one walk at a time, and no object for what it finds until it ends
let isJson = true
let isOdd = false
let size = 0
/** The objects around the one looked at. */
const around: object[] = []

/**
 * Looks at all of a value before it is encoded, because msgpackr changes what it does not know instead of refusing it.
 *
 * @throws ShelflifeError `unsupported-value`
 */
export function inspect(value: unknown): Findings {
  isJson = true
  isOdd = false
  size = 0
  try {
    walk(value, 0)
    return { isJson, isOdd, size }
  } finally {
    around.length = 0
  }
}

function walk(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      size += value.length + 3
      if (isOddText(value)) isOdd = true
      return
    case 'number':
      size += 8
      if (value === 0) isOdd ||= Object.is(value, -0)
      else if (!Number.isFinite(value)) isJson = false
      return
    case 'boolean':
      size += 5
      return
    case 'object':
      size += 4
      if (value !== null) walkObject(value, depth)
      return
    case 'undefined':
    case 'bigint':
      isJson = false
      return
    default:
      refuse(`a ${typeof value}`)
  }
}

function walkObject(value: object, depth: number): void {
  if (depth >= DEEPEST) refuse(`more than ${DEEPEST} levels`)
  for (let i = 0; i < depth; i++) if (around[i] === value) refuse('a cycle')
  around[depth] = value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) walkRecord(value, depth)
  else if (prototype === Array.prototype && Array.isArray(value)) walkArray(value, depth)
  else if (prototype === null) {
    isOdd = true
    walkRecord(value, depth)
  } else {
    isJson = false
    walkInstance(value, depth, prototype)
  }
}

function walkRecord(value: object, depth: number): void {
  // its enumeration would cost four times as much with symbols and hidden properties in it
  if (Object.getOwnPropertySymbols(value).length > 0) refuse('symbols as property names')
  for (const name in value) {
    size += name.length + 4
    if (isOddName(name)) isOdd = true
    walk((value as Record<string, unknown>)[name], depth + 1)
  }
}

function walkArray(value: readonly unknown[], depth: number): void {
  const { length } = value
  if (Object.values(value).length !== length) refuse('arrays with holes or properties')
  if (Object.getOwnPropertySymbols(value).length > 0) refuse('symbols as property names')
  for (let i = 0; i < length; i++) {
    const content = value[i]
    if (content === undefined && !Object.hasOwn(value, i)) refuse('arrays with holes or properties')
    walk(content, depth + 1)
  }
}

function walkInstance(value: object, depth: number, prototype: unknown): void {
  if (BYTES.has(prototype)) return checkBytes(value as ArrayBufferView)
  const names = Reflect.ownKeys(value)
  if (ERRORS.has(prototype)) return walkError(value, depth, names)
  const isBare = names.length === 0
  if (isBare && prototype === Date.prototype) return
  if (isBare && prototype === ArrayBuffer.prototype) return checkBuffer(value as ArrayBuffer)
  if (isBare && prototype === Map.prototype) {
    for (const [key, content] of value as ReadonlyMap<unknown, unknown>) {
      walk(key, depth + 1)
      walk(content, depth + 1)
    }
    return
  }
  if (isBare && prototype === Set.prototype) {
    for (const content of value as ReadonlySet<unknown>) walk(content, depth + 1)
    return
  }
  refuse(`instances of ${nameOf(prototype)}${isBare ? '' : ' with properties of their own'}`)
}

function walkError(value: object, depth: number, names: readonly PropertyKey[]): void {
  if (Object.prototype.toString.call(value) !== '[object Error]') refuse('what only looks like an Error')
  if (!names.every((name) => OF_ERRORS.includes(name))) refuse('errors with more than a message and a cause')
  isOdd = true
  walk((value as Error).message, depth + 1)
  walk((value as Error).cause, depth + 1)
}

/** Properties added to them are not looked for: that would make names of all their elements. */
function checkBytes({ buffer }: ArrayBufferView): void {
  if (!(buffer instanceof ArrayBuffer)) refuse('shared memory')
}

function checkBuffer(value: ArrayBuffer & { readonly resizable?: boolean }): void {
  if (value.resizable === true) refuse('a resizable ArrayBuffer')
}

function nameOf(prototype: unknown): string {
  const { constructor: made } = prototype as { readonly constructor?: unknown }
  return typeof made === 'function' && made.name !== '' ? made.name : 'a class'
}
