import { classNameOf, contentOf, isPlainArray, isPlainObject, prototypeOf } from './built-in.ts'
import { ShelflifeError } from './errors.ts'

/** What changes bytes on their way shows nothing but its two ends, as other classes may too. */
const TRANSFORMS = [
  'TransformStream',
  'CompressionStream',
  'DecompressionStream',
  'TextEncoderStream',
  'TextDecoderStream',
]

function isTransform(value: object): boolean {
  const all = TRANSFORMS.map(prototypeOf)
  return all.some((prototype) => prototype !== undefined && Object.prototype.isPrototypeOf.call(prototype, value))
}

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** What a name stands for, maybe by inheritance. */
function inherited(value: object, name: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Streams and their readers, responses, iterators, generators: whoever comes second finds nothing in them. */
function isReadOnce(value: object, isPlain: boolean): boolean {
  const has = (name: PropertyKey): boolean => inherited(value, name) !== undefined
  const does = (name: PropertyKey): boolean => isFunction(inherited(value, name)?.value)
  if (does(Symbol.asyncIterator) || does('getReader')) return true
  if (does('next') && has(Symbol.iterator)) return true
  // plain data may have these as names of its own
  if (isPlain) return false
  return has('bodyUsed') || (does('releaseLock') && does('read'))
}

/** Whether instances of a class can be read but once, or are emitters: what these hold is work under way, and no data. */
const kinds = new WeakMap<object, 'once' | 'emitter' | 'other'>()

function kindOf(value: object): 'once' | 'emitter' | 'other' {
  const prototype = Object.getPrototypeOf(value) as object
  let kind = kinds.get(prototype)
  if (kind === undefined) {
    const isEmitter = isFunction(inherited(prototype, 'emit')?.value) && isFunction(inherited(prototype, 'on')?.value)
    kind = isReadOnce(prototype, false) || isTransform(value) ? 'once' : isEmitter ? 'emitter' : 'other'
    kinds.set(prototype, kind)
  }
  return kind
}

function refuse(value: object): never {
  const what = `${classNameOf(value) ?? 'an iterator'}, which can be read but once`
  throw new ShelflifeError('unsupported-value', `nothing can keep ${what}; return what is read from it`)
}

const isPlain = (value: object): boolean => isPlainArray(value) || isPlainObject(value)

/** Refuses what can be read but once. Runs no code of the user's but traps of a proxy for prototypes and descriptors. */
export function refuseReadOnce(value: object): void {
  const isData = isPlain(value)
  if ((!isData && kindOf(value) === 'once') || isReadOnce(value, isData)) refuse(value)
}

/** How many properties of instances of classes are still looked at in one value. */
export interface Search {
  left: number
}

export const startSearch = (): Search => ({ left: 10_000 })

/**
 * Refuses an instance of a class that can be read but once, or has such a thing among its own properties or in plain data there.
 * What is there of other instances is not searched: one may lead to the whole program.
 */
export function searchInstance(value: object, search: Search): void {
  const kind = kindOf(value)
  if (kind === 'once' || (search.left-- > 0 && isReadOnce(value, false))) refuse(value)
  if (kind !== 'emitter' && !ArrayBuffer.isView(value)) searchIn(value, search)
}

function searchIn(holder: object, search: Search): void {
  if (search.left <= 0) return
  const names = Array.isArray(holder) ? undefined : Object.getOwnPropertyNames(holder)
  const length = names?.length ?? (contentOf(holder, 'length') as number)
  for (let i = 0; i < length && search.left-- > 0; i++) {
    const name = names?.[i] ?? i
    // to read it is to have it formatted, maybe by a function of the user's
    const content = name === 'stack' ? undefined : contentOf(holder, name)
    if (typeof content !== 'object' || content === null) continue
    refuseReadOnce(content)
    if (isPlain(content)) searchIn(content, search)
  }
}
