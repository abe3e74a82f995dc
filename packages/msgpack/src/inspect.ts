import type { CodecFeature } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Carrier } from './features.ts'
import { FEATURE, MSGPACKR_TEXT } from './features.ts'
import { isBuffer, isBuiltIn, isBytes, isError, kindOf, nameOf } from './instances.ts'
import { isOddName, isOddText } from './odd.ts'
import { refuse } from './refuse.ts'

/** What is known of a value once all of it was seen. */
export interface Findings {
  /** The bits of what is in it beyond JSON. */
  readonly found: number
  /** Characters that JSON would need, roughly. */
  readonly size: number
}

/** How deep a value may be nested. */
export const DEEPEST = 500

const OF_ERRORS: readonly PropertyKey[] = ['stack', 'message', 'cause']

// one walk at a time, and no object for what it finds until it ends
let carrier: Carrier = { name: '', carried: 0 }
let found = 0
let size = 0
/** The objects around the one looked at. */
const around: object[] = []

/**
 * Looks at all of a value before it is encoded, because encoders change what they do not know instead of refusing it.
 *
 * @throws ShelflifeError `unsupported-value` for what the codec does not carry
 */
export function inspect(value: unknown, by: Carrier): Findings {
  carrier = by
  found = 0
  size = 0
  try {
    walk(value, 0)
    return { found, size }
  } catch (error) {
    if (error instanceof ShelflifeError) throw error
    return refuse(by.name, 'what cannot be read', { cause: error })
  } finally {
    around.length = 0
  }
}

function meet(feature: number, what: string): void {
  if ((carrier.carried & feature) === 0) refuse(carrier.name, what)
  found |= feature
}

function walk(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      size += value.length + 3
      if (isOddText(value)) meetText(value)
      return
    case 'number':
      size += 8
      if (Object.is(value, -0)) meet(FEATURE['negative-zero'], '-0')
      else if (!Number.isFinite(value)) meet(FEATURE['non-finite'], String(value))
      return
    case 'boolean':
      size += 5
      return
    case 'object':
      size += 4
      if (value !== null) walkObject(value, depth)
      return
    case 'undefined':
      return meet(FEATURE.undefined, 'undefined')
    case 'bigint':
      return meet(FEATURE.bigint, 'a bigint')
    default:
      refuse(carrier.name, `a ${typeof value}`)
  }
}

function meetText(text: string): void {
  if (text.isWellFormed()) found |= MSGPACKR_TEXT
  else meet(FEATURE['lone-surrogate'], 'half of a surrogate pair')
}

function meetName(name: string): void {
  if (name === '__proto__') meet(FEATURE['proto-key'], 'a property called __proto__')
  else meetText(name)
}

function walkObject(value: object, depth: number): void {
  if (depth >= DEEPEST) refuse(carrier.name, `more than ${DEEPEST} levels`)
  for (let i = 0; i < depth; i++) if (around[i] === value) return meet(FEATURE.cycle, 'a cycle')
  around[depth] = value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) walkRecord(value, depth)
  else if (prototype === Array.prototype && Array.isArray(value)) walkArray(value, depth)
  else if (prototype === null) {
    meet(FEATURE['null-prototype'], 'an object without a prototype')
    walkRecord(value, depth)
  } else walkInstance(value, depth, prototype)
}

function walkRecord(value: object, depth: number): void {
  walkSymbols(value, depth)
  // not the symbols and hidden properties, which would cost four times as much
  for (const name in value) {
    size += name.length + 4
    if (isOddName(name)) meetName(name)
    walk((value as Record<string, unknown>)[name], depth + 1)
  }
}

function walkSymbols(value: object, depth: number): void {
  const symbols = Object.getOwnPropertySymbols(value)
  if (symbols.length === 0) return
  meet(FEATURE['symbol-key'], 'symbols as property names')
  for (const symbol of symbols) walk((value as Record<symbol, unknown>)[symbol], depth + 1)
}

function walkArray(value: readonly unknown[], depth: number): void {
  const { length } = value
  const own = Object.values(value).length
  if (own !== length) meetOddArray(value, depth)
  walkSymbols(value, depth)
  for (let i = 0; i < length; i++) {
    const content = value[i]
    if (content === undefined && !Object.hasOwn(value, i)) {
      // as many properties as holes: the lengths are equal
      if (own === length) meetOddArray(value, depth)
      continue
    }
    walk(content, depth + 1)
  }
}

/** One with holes, or with properties beside its elements, or both. */
function meetOddArray(value: readonly unknown[], depth: number): void {
  const what = 'arrays with holes or properties'
  const names = Object.keys(value).filter(
    (name) => !(String(Number(name) >>> 0) === name && Number(name) < value.length),
  )
  if (Object.keys(value).length - names.length < value.length) meet(FEATURE.hole, what)
  if (names.length > 0) meet(FEATURE['array-property'], what)
  for (const name of names) {
    if (isOddName(name)) meetName(name)
    walk((value as unknown as Record<string, unknown>)[name], depth + 1)
  }
}

/** Without a text for what is let through. */
function meetInstance(feature: CodecFeature, prototype: unknown): void {
  if ((carrier.carried & FEATURE[feature]) === 0) refuse(carrier.name, `instances of ${nameOf(prototype)}`)
  found |= FEATURE[feature]
}

function walkInstance(value: object, depth: number, prototype: unknown): void {
  if (isBytes(prototype)) return meetBytes(value as ArrayBufferView, prototype)
  const kind = kindOf(value, prototype)
  if (kind !== undefined) {
    meetInstance(kind, prototype)
    return walkBuiltIn(value, depth, kind)
  }
  if (isBuiltIn(prototype)) refuse(carrier.name, `instances of ${nameOf(prototype)} with properties of their own`)
  if (isError(prototype) || value instanceof Error) return walkError(value, depth, prototype)
  meetInstance('class-instance', prototype)
  if (Array.isArray(value)) walkArray(value, depth)
  else walkRecord(value, depth)
}

function walkBuiltIn(value: object, depth: number, kind: CodecFeature): void {
  if (kind === 'map') {
    for (const [key, content] of value as ReadonlyMap<unknown, unknown>) {
      walk(key, depth + 1)
      walk(content, depth + 1)
    }
  } else if (kind === 'set') for (const content of value as ReadonlySet<unknown>) walk(content, depth + 1)
  else if (kind === 'array-buffer') checkBuffer(value as ArrayBuffer)
}

function checkBuffer(value: ArrayBuffer & { readonly resizable?: boolean }): void {
  if (value.resizable === true) refuse(carrier.name, 'a resizable ArrayBuffer')
}

function walkError(value: object, depth: number, prototype: unknown): void {
  if (Object.prototype.toString.call(value) !== '[object Error]') refuse(carrier.name, 'what only looks like an Error')
  const others = Reflect.ownKeys(value).filter((name) => !OF_ERRORS.includes(name))
  const isPlain = others.length === 0 && isError(prototype)
  const isExtended = others.length > 0 && isError(prototype)
  const what = isExtended ? 'errors with more than a message and a cause' : `instances of ${nameOf(prototype)}`
  meet(FEATURE[isPlain ? 'error' : 'error-with-properties'], what)
  for (const name of ['message', 'cause', ...others]) {
    const content = (value as Record<PropertyKey, unknown>)[name]
    if (content !== undefined || Object.hasOwn(value, name)) walk(content, depth + 1)
  }
}

/** Properties added to them are not looked for: that would make names of all their elements. */
function meetBytes(value: ArrayBufferView, prototype: unknown): void {
  if (!(value.buffer instanceof ArrayBuffer)) refuse(carrier.name, 'shared memory')
  const kind = isBuffer(prototype) ? 'buffer' : prototype === DataView.prototype ? 'array-buffer' : 'typed-array'
  meetInstance(kind, prototype)
}
