import { builtInName, isPlainArray, isPlainObject } from './built-in.ts'
import { ShelflifeError } from './errors.ts'

/** What callers may do with the values they get. */
export type Isolation =
  /**
   * Plain objects and arrays are copied when they are loaded, frozen and shared; what cannot be frozen (Date, Map, bytes …)
   * is copied for each caller, with the objects and arrays around it. What the remote store was asked for by one caller
   * alone, without a local store, is that caller's own.
   */
  | 'freeze'
  /** Each caller gets a copy of its own. */
  | 'clone'
  /** Everybody gets the same reference. For values that nobody changes. */
  | 'share'

/** How a caller's copy is made: of everything, or along the path to what cannot be frozen. */
export type Copying = 'clone' | 'path'
/** Or what is to be kept: a frozen copy, or the value itself, frozen. */
type Making = Copying | 'keep' | 'freeze'

interface Walk {
  readonly how: Making
  readonly seen: Map<object, object>
  /** Whether something that cannot be frozen was found. */
  isOpen: boolean
  isCyclic: boolean
}

/** Of longer arrays the elements count: to ask for names makes a text of every index. */
const NAMED = 1000

/** Frozen objects and arrays in which something cannot be frozen, however deep. */
const open = new WeakSet<object>()

const isPlain = (value: object): boolean => isPlainArray(value) || isPlainObject(value)

const isCopied = (value: object): boolean =>
  ArrayBuffer.isView(value)
    ? builtInName(value) !== undefined
    : ['Date', 'Map', 'Set', 'ArrayBuffer'].includes(builtInName(value) ?? '')

/** Streams, responses, iterators and generators: whoever comes second finds nothing in them. */
function refuseUsedUp(value: object): void {
  const { next } = value as { readonly next?: unknown }
  const isIterator = typeof next === 'function' && Symbol.iterator in value
  if (!isIterator && !(Symbol.asyncIterator in value) && !('getReader' in value) && !('bodyUsed' in value)) return
  const what = `${value.constructor?.name || 'an iterator'}, which can be read but once`
  throw new ShelflifeError('unsupported-value', `nothing can keep ${what}; return what is read from it`)
}

function walk(value: unknown, state: Walk): unknown {
  if (typeof value !== 'object' || value === null) return value
  const isContainer = isPlain(value)
  if (!isContainer && !isCopied(value)) {
    refuseUsedUp(value)
    // what a getter has begun
    if (value instanceof Promise) value.catch(() => {})
    return value
  }
  if (state.how === 'path' && isContainer && !open.has(value)) return value
  const done = state.seen.get(value)
  if (done !== undefined) {
    state.isCyclic ||= isContainer && !Object.isFrozen(done)
    return done
  }
  const copy = state.how === 'freeze' ? value : shallowCopy(value)
  state.seen.set(value, copy)
  const isInside = fill(value, copy, state)
  if (!isContainer) state.isOpen = true
  else if (state.how === 'keep' || state.how === 'freeze') {
    Object.freeze(copy)
    if (isInside) open.add(copy)
  }
  return copy
}

const holdsOpen = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (isPlain(value) ? open.has(value) : isCopied(value))

/** Puts in the contents as they are to be. Answers whether one of them cannot be frozen. */
function fill(value: object, copy: object, state: Walk): boolean {
  let isInside = false
  function put(target: Record<PropertyKey, unknown>, name: PropertyKey): void {
    const content = target[name]
    if (typeof content !== 'object' || content === null) return
    const own = walk(content, state)
    isInside ||= holdsOpen(own)
    // an assignment would replace the prototype
    if (name === '__proto__') Object.defineProperty(target, name, { value: own })
    else if (own !== content) target[name] = own
  }
  const target = copy as Record<PropertyKey, unknown>
  if (value instanceof Map) {
    for (const [k, v] of value) (copy as Map<unknown, unknown>).set(walk(k, state), walk(v, state))
  } else if (value instanceof Set) {
    for (const v of value) (copy as Set<unknown>).add(walk(v, state))
  } else if (Array.isArray(copy)) {
    const { length } = copy
    for (let i = 0; i < length; i++) if (typeof copy[i] === 'object') put(target, i)
    for (const name of namesOf(value)) {
      if (!Object.hasOwn(target, name)) target[name] = (value as never)[name]
      put(target, name)
    }
  } else if (isPlain(copy)) {
    for (const name of Object.keys(copy)) put(target, name)
    for (const name of Object.getOwnPropertySymbols(copy)) put(target, name)
  }
  return isInside
}

/** Those of an array that are no index. */
function namesOf(array: object): PropertyKey[] {
  if ((array as readonly unknown[]).length > NAMED) return []
  const names = Reflect.ownKeys(array)
  return names.slice(names.indexOf('length') + 1)
}

/** A copy that has the same contents, or lacks them if it is a Map or Set. */
function shallowCopy(value: object): object {
  if (Array.isArray(value)) return Array.prototype.slice.call(value)
  if (isPlain(value)) {
    const prototype = Object.getPrototypeOf(value) as object | null
    return prototype === Object.prototype ? { ...value } : Object.setPrototypeOf({ ...value }, prototype)
  }
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (value instanceof Date) return new Date(value)
  if (!ArrayBuffer.isView(value)) return (value as ArrayBuffer).slice(0)
  if (!(value instanceof DataView)) return bytesIn(value)
  return new DataView(bytesIn(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)).buffer)
}

/** All typed arrays have one `slice`, which copies what the view shows; Buffer's own does not copy. */
const bytesIn = (view: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  Uint8Array.prototype.slice.call(view) as Uint8Array<ArrayBuffer>

/** A copy that shares nothing changeable with the original but instances of classes; or what a caller gets of a kept value. */
export const copyOf = <T>(value: T, how: Copying = 'clone'): T =>
  walk(value, { how, seen: new Map(), isOpen: false, isCyclic: false }) as T

/** A value in the form in which it is shared. */
export interface Isolated {
  readonly value: unknown
  /** How each caller is given a copy, if at all. */
  readonly copied: Copying | false
}

/**
 * `isOwn`: nobody else has the value, so it need not be copied to be frozen.
 *
 * @throws ShelflifeError `unsupported-value` for what can be read but once
 * @throws RangeError when the value is nested deeper than the stack, and what a getter in it throws
 */
export function isolate(value: unknown, isolation: Isolation, isOwn = false): Isolated {
  if (typeof value !== 'object' || value === null) return { value, copied: false }
  if (!isCopied(value)) refuseUsedUp(value)
  if (isolation === 'share') return { value, copied: false }
  // whoever made the value may keep it, so what is kept here is a copy
  if (isolation === 'clone') return { value: copyOf(value), copied: 'clone' }
  const state: Walk = { how: isOwn ? 'freeze' : 'keep', seen: new Map(), isOpen: false, isCyclic: false }
  const kept = walk(value, state) as object
  // in a ring, what lies on the path was not known yet
  if (state.isOpen && state.isCyclic) for (const each of state.seen.values()) if (isPlain(each)) open.add(each)
  return { value: kept, copied: state.isOpen && 'path' }
}
