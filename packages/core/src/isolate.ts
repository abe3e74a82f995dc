/** What callers may do with the values they get. */
export type Isolation =
  /** Plain objects and arrays are frozen and shared; what cannot be frozen (Date, Map, bytes …) is copied for each. */
  | 'freeze'
  /** Each caller gets a copy of its own. */
  | 'clone'
  /** Everybody gets the same reference. For values that nobody changes. */
  | 'share'

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Freezes plain objects and arrays, however deep. Answers whether nothing in the value can be changed now; instances
 * of classes are left alone and count as unchangeable, because neither freezing nor copying them is safe.
 */
export function freeze(value: unknown, visited: Set<object> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (!Array.isArray(value) && !isRecord(value)) return !isCopied(value)
  // frozen before: by the user, whose contents may still be open, or by us a moment ago, in a cycle
  if (!Object.isFrozen(value)) Object.freeze(value)
  else if (visited.has(value)) return true
  else visited.add(value)
  let all = true
  for (const name of Object.keys(value)) all = freeze((value as Record<string, unknown>)[name], visited) && all
  return all
}

const isCopied = (value: object): boolean =>
  value instanceof Date ||
  value instanceof Map ||
  value instanceof Set ||
  value instanceof ArrayBuffer ||
  ArrayBuffer.isView(value)

function copyView(view: ArrayBufferView, buffer: ArrayBufferLike): unknown {
  if (view instanceof DataView) return new DataView(buffer)
  const from = (view as Uint8Array).constructor as unknown as {
    from?(buffer: ArrayBufferLike): unknown
    name: string
    new (buffer: ArrayBufferLike): unknown
  }
  // `new Buffer` is deprecated; its `from` wraps the memory it is given
  return from.name === 'Buffer' && from.from !== undefined ? from.from(buffer) : new from(buffer)
}

/** A copy that shares nothing changeable with the original but instances of classes. */
export function clone<T>(value: T, seen: Map<object, unknown> = new Map()): T {
  if (typeof value !== 'object' || value === null) return value
  const done = seen.get(value)
  if (done !== undefined) return done as T
  const keep = (copy: unknown): never => {
    seen.set(value, copy)
    return copy as never
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = keep([])
    copy.length = value.length
    for (const i of value.keys()) if (i in value) copy[i] = clone(value[i], seen)
    return copy as T
  }
  if (value instanceof Date) return keep(new Date(value))
  if (value instanceof Map) {
    const copy: Map<unknown, unknown> = keep(new Map())
    for (const [k, v] of value) copy.set(clone(k, seen), clone(v, seen))
    return copy as T
  }
  if (value instanceof Set) {
    const copy: Set<unknown> = keep(new Set())
    for (const v of value) copy.add(clone(v, seen))
    return copy as T
  }
  if (value instanceof ArrayBuffer) return keep(value.slice(0))
  if (ArrayBuffer.isView(value)) {
    return keep(copyView(value, value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)))
  }
  if (!isRecord(value)) return value
  const copy: Record<string, unknown> = keep(Object.create(Object.getPrototypeOf(value)))
  for (const [name, content] of Object.entries(value)) {
    Object.defineProperty(copy, name, {
      value: clone(content, seen),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return copy as T
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
