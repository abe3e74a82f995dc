import { builtInName, isPlainArray, isPlainObject } from './built-in.ts'

/** What callers may do with the values they get. */
export type Isolation =
  /**
   * Plain objects and arrays are frozen and shared; what cannot be frozen (Date, Map, bytes …) is copied for each. What
   * the remote store was asked for by one caller alone, without a local store, is that caller's own.
   */
  | 'freeze'
  /** Each caller gets a copy of its own. */
  | 'clone'
  /** Everybody gets the same reference. For values that nobody changes. */
  | 'share'

const isPlain = (value: object): boolean => isPlainArray(value) || isPlainObject(value)

const isCopied = (value: object): boolean =>
  ArrayBuffer.isView(value)
    ? builtInName(value) !== undefined
    : ['Date', 'Map', 'Set', 'ArrayBuffer'].includes(builtInName(value) ?? '')

/**
 * Freezes plain objects and arrays, however deep. Answers whether nothing in the value can be changed now; instances
 * of classes are left alone and count as unchangeable, because neither freezing nor copying them is safe.
 */
export function freeze(value: unknown, visited: Set<object> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (!isPlain(value)) return !isCopied(value)
  // frozen before: by the user, whose contents may still be open, or by us a moment ago, in a cycle
  if (!Object.isFrozen(value)) Object.freeze(value)
  else if (visited.has(value)) return true
  else visited.add(value)
  let all = true
  for (const name of Reflect.ownKeys(value)) all = freeze((value as Record<PropertyKey, unknown>)[name], visited) && all
  return all
}

/** A copy that shares nothing changeable with the original but instances of classes. */
export function clone<T>(value: T, seen: Map<object, unknown> = new Map()): T {
  if (typeof value !== 'object' || value === null) return value
  if (!isPlain(value) && !isCopied(value)) return value
  const done = seen.get(value)
  if (done !== undefined) return done as T
  const copy = emptyCopy(value)
  seen.set(value, copy)
  if (copy instanceof Map) {
    for (const [k, v] of value as unknown as Map<unknown, unknown>) copy.set(clone(k, seen), clone(v, seen))
  } else if (copy instanceof Set) {
    for (const v of value as unknown as Set<unknown>) copy.add(clone(v, seen))
  } else if (isPlain(value)) {
    const target = copy as Record<PropertyKey, unknown>
    for (const name of Reflect.ownKeys(value)) {
      const content = clone((value as Record<PropertyKey, unknown>)[name], seen)
      // an assignment would replace the prototype
      if (name === '__proto__')
        Object.defineProperty(target, name, { value: content, enumerable: true, writable: true })
      else target[name] = content
    }
  }
  return copy as T
}

/** A copy that lacks the contents, if they can be anything but bytes or a time. */
function emptyCopy(value: object): unknown {
  if (Array.isArray(value)) return []
  if (isPlain(value)) return Object.create(Object.getPrototypeOf(value))
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  // all typed arrays have one `slice`, which copies what the view shows; Buffer's own does not copy
  const isArray = ArrayBuffer.isView(value) && !(value instanceof DataView)
  return isArray ? Uint8Array.prototype.slice.call(value) : structuredClone(value)
}

/** A value in the form in which it is shared. */
export interface Isolated {
  readonly value: unknown
  /** Whether each caller is to get a copy. */
  readonly copied: boolean
}

/** Throws a RangeError when the value is nested deeper than the stack. */
export function isolate(value: unknown, isolation: Isolation): Isolated {
  if (isolation === 'share') return { value, copied: false }
  if (isolation === 'freeze' && freeze(value)) return { value, copied: false }
  // whoever made the value may keep it, so what is kept here is a copy
  return { value: clone(value), copied: true }
}
