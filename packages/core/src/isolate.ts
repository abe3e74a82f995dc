import { builtInName, isPlainArray, isPlainObject } from './built-in.ts'
import type { Search } from './read-once.ts'
import { refuseReadOnce, searchInstance, startSearch } from './read-once.ts'

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
  /** What was made of an object, for those that refer to it again. */
  readonly seen: Map<object, object>
  /** For what can be read but once. What is kept was searched when it came. */
  readonly search: Search | undefined
  /** How many more elements are asked for names beside them. */
  unnamed: number
  /** Whether what was walked last cannot be frozen, or something in it. */
  hasOpen: boolean
  /** Whether something that cannot be frozen was found. */
  isOpen: boolean
  isCyclic: boolean
}

/** Of longer arrays the elements count: to ask for names makes a text of every index. */
const NAMED = 1000
/** After so many elements with no name beside them only elements count. */
const MOST_UNNAMED = 10_000
/** Arrays of so many plain values are copied for each place where they stand: to remember them takes as long. */
const SMALL = 8

/** Frozen objects and arrays in which something cannot be frozen, however deep. */
const open = new WeakSet<object>()

const startWalk = (how: Making, search?: Search): Walk => ({
  how,
  seen: new Map(),
  search,
  unnamed: MOST_UNNAMED,
  hasOpen: false,
  isOpen: false,
  isCyclic: false,
})

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function isCopied(value: object): boolean {
  const name = builtInName(value)
  return name !== undefined && name !== 'URL'
}

function walk(value: object, state: Walk): object {
  const isArray = isPlainArray(value)
  if (isArray || isPlainObject(value)) {
    if (state.how === 'path' && !open.has(value)) return value
    return isArray ? walkArray(value, state) : walkObject(value, state)
  }
  if (isCopied(value)) return walkBuiltIn(value, state)
  if (state.search !== undefined) searchInstance(value, state.search)
  // what a getter has begun
  if (value instanceof Promise) void Promise.prototype.then.call(value, undefined, () => {})
  state.hasOpen = false
  return value
}

/** What was made of an object or array already. */
function known(value: object, state: Walk): object | undefined {
  const done = state.seen.get(value)
  if (done === undefined) return undefined
  state.isCyclic ||= !Object.isFrozen(done)
  state.hasOpen = open.has(done)
  return done
}

/** Ends an object or array that has its contents. */
function finish(copy: object, hasOpen: boolean, state: Walk): object {
  if (state.how === 'keep' || state.how === 'freeze') {
    Object.freeze(copy)
    if (hasOpen) open.add(copy)
  }
  state.hasOpen = hasOpen
  return copy
}

/** Puts in what a content is to be. Answers whether that, or something in it, cannot be frozen. */
function put(holder: object, name: PropertyKey, state: Walk): boolean {
  const target = holder as Record<PropertyKey, unknown>
  const content = target[name]
  if (!isObject(content)) return false
  const own = walk(content, state)
  // an assignment would replace the prototype
  if (name === '__proto__') Object.defineProperty(target, name, { value: own })
  else if (own !== content) target[name] = own
  return state.hasOpen
}

function copyOfArray(value: readonly unknown[], { how }: Walk): unknown[] {
  return how === 'freeze' ? (value as unknown[]) : Array.prototype.slice.call(value)
}

function walkArray(value: readonly unknown[], state: Walk): object {
  const names = namesOf(value, state)
  let copy = value.length <= SMALL && names.length === 0 ? copyOfArray(value, state) : undefined
  if (copy !== undefined && !copy.some(isObject)) return finish(copy, false, state)
  const done = known(value, state)
  if (done !== undefined) return done
  copy ??= copyOfArray(value, state)
  state.seen.set(value, copy)
  const { length } = copy
  let hasOpen = false
  for (let i = 0; i < length; i++) if (typeof copy[i] === 'object' && put(copy, i, state)) hasOpen = true
  for (const name of names) {
    if (!Object.hasOwn(copy, name)) copy[name as never] = value[name as never]
    if (put(copy, name, state)) hasOpen = true
  }
  return finish(copy, hasOpen, state)
}

/** Those of an array that are no index. */
function namesOf(array: readonly unknown[], state: Walk): readonly PropertyKey[] {
  if (array.length > NAMED || state.unnamed <= 0) return []
  const names = Reflect.ownKeys(array)
  const own = names.slice(names.indexOf('length') + 1)
  state.unnamed = own.length > 0 ? Infinity : state.unnamed - names.length
  return own
}

function walkObject(value: object, state: Walk): object {
  const done = known(value, state)
  if (done !== undefined) return done
  const copy = (state.how === 'freeze' ? value : copyOfObject(value)) as Record<PropertyKey, unknown>
  state.seen.set(value, copy)
  let hasOpen = false
  let hasFunction = false
  for (const name of Object.keys(copy)) {
    if (put(copy, name, state)) hasOpen = true
    hasFunction ||= typeof copy[name] === 'function'
  }
  for (const name of Object.getOwnPropertySymbols(copy)) {
    if (put(copy, name, state)) hasOpen = true
    hasFunction ||= typeof copy[name] === 'function'
  }
  if (hasFunction && state.search !== undefined) refuseReadOnce(copy)
  return finish(copy, hasOpen, state)
}

function copyOfObject(value: object): object {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === Object.prototype ? { ...value } : Object.setPrototypeOf({ ...value }, prototype)
}

function walkBuiltIn(value: object, state: Walk): object {
  const done = state.seen.get(value)
  const copy = done ?? (state.how === 'freeze' ? value : copyOfBuiltIn(value))
  if (done === undefined) {
    state.seen.set(value, copy)
    fill(value, copy, state)
  }
  state.hasOpen = state.isOpen = true
  return copy
}

const walkAny = (value: unknown, state: Walk): unknown => (isObject(value) ? walk(value, state) : value)

/** The contents of a Map or Set. */
function fill(value: object, copy: object, state: Walk): void {
  if (value instanceof Map) {
    Map.prototype.forEach.call(value, (v, k) => void (copy as typeof value).set(walkAny(k, state), walkAny(v, state)))
  } else if (value instanceof Set) {
    Set.prototype.forEach.call(value, (v) => void (copy as typeof value).add(walkAny(v, state)))
  }
}

/** A copy that has the same contents, or lacks them if it is a Map or Set. */
function copyOfBuiltIn(value: object): object {
  if (value instanceof Date) return new Date(value)
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (!ArrayBuffer.isView(value)) return ArrayBuffer.prototype.slice.call(value as ArrayBuffer, 0)
  if (!(value instanceof DataView)) return bytesIn(value)
  return new DataView(bytesIn(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)).buffer)
}

/** All typed arrays have one `slice`, which copies what the view shows; Buffer's own does not copy. */
const bytesIn = (view: ArrayBufferView): Uint8Array<ArrayBuffer> =>
  Uint8Array.prototype.slice.call(view) as Uint8Array<ArrayBuffer>

/** A copy that shares nothing changeable with the original but instances of classes; or what a caller gets of a kept value. */
export const copyOf = <T>(value: T, how: Copying = 'clone'): T => walkAny(value, startWalk(how)) as T

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
  if (!isObject(value)) return { value, copied: false }
  if (isolation === 'share') {
    refuseReadOnce(value)
    return { value, copied: false }
  }
  // whoever made the value may keep it, so what is kept here is a copy
  if (isolation === 'clone') return { value: walk(value, startWalk('clone', startSearch())), copied: 'clone' }
  const state = startWalk(isOwn ? 'freeze' : 'keep', startSearch())
  const kept = walk(value, state)
  // in a ring, what lies on the path was not known yet
  if (state.isOpen && state.isCyclic) {
    for (const each of state.seen.values()) if (isPlainArray(each) || isPlainObject(each)) open.add(each)
  }
  return { value: kept, copied: state.isOpen && 'path' }
}
