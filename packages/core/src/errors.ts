/** What went wrong, for programs. */
export type ShelflifeErrorCode =
  /** An option or argument is wrong. Thrown where it is given, at construction wherever possible. */
  | 'invalid-option'
  /** A duration is not a positive number of milliseconds or text such as `'1h30m'`. */
  | 'invalid-duration'
  /** An argument cannot be part of a key. */
  | 'invalid-key'
  /** Two functions were wrapped under one name. */
  | 'duplicate-name'
  /** Something was decided about what has been sent or kept already. */
  | 'too-late'
  /** A load waits for itself: its loader asks for what cannot come before it ends. */
  | 'circular-load'
  /** The loader took longer than `hardTimeout`. */
  | 'load-timeout'
  /** Too many loads run and wait already: `limitLoads`. */
  | 'overloaded'
  /** A value cannot be carried by the codec. */
  | 'unsupported-value'
  /** A value has more bytes than the `maxValueBytes` of a remote store. */
  | 'value-too-large'
  /** Bytes in a store are not an envelope of ours. */
  | 'corrupt-envelope'
  /** A remote store did not answer within its budget. */
  | 'store-timeout'
  /** A remote store asks for fewer requests. */
  | 'store-rate-limited'
  /** What was paid for, in requests or space, is used up at a remote store. */
  | 'store-quota-exceeded'
  /** A request is larger than a remote store takes. */
  | 'store-request-too-large'
  /** A remote store does not accept the token. */
  | 'store-unauthorized'
  /** A remote store could not be reached, or what answered was something else. */
  | 'store-unavailable'
  /** A part of a remote store is on its way to another node and cannot be asked this meanwhile; everything else can. */
  | 'store-moving'
  /** Fewer replicas than were asked for have an invalidation in time; it is queued. */
  | 'store-not-replicated'
  /** An invalidation or `set` with `require: 'remote'` did not reach the remote store; it is queued that the key is void. */
  | 'remote-unreachable'

/**
 * Every error that Shelflife itself throws. Errors of a loader are thrown as they are and never wrapped.
 *
 * @example
 * try { await getReport(42) } catch (error) {
 *   if (error instanceof ShelflifeError && error.code === 'load-timeout') return busy()
 *   throw error
 * }
 */
export class ShelflifeError extends Error {
  override readonly name = 'ShelflifeError'
  readonly code: ShelflifeErrorCode

  constructor(code: ShelflifeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Those of another copy of this package are instances too, as where modules and CommonJS are loaded in one process. Not in the
 * class: bundlers give one that speaks of itself another name, which would stand in every stack.
 */
Object.defineProperty(ShelflifeError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== ShelflifeError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return value instanceof Error && value.name === 'ShelflifeError'
  },
})

/** @throws ShelflifeError saying what the option must be and what was received */
export function refuseOption(
  option: string,
  mustBe: string,
  received: unknown,
  code: ShelflifeErrorCode = 'invalid-option',
): never {
  throw new ShelflifeError(code, `${option} must be ${mustBe}; received ${shown(received)}`)
}

/** What an object is by its own account: `Object`, `Array`, `Map`. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice('[object '.length, -1)

/** @throws ShelflifeError `invalid-option` for what is no object with names of its own, such as a list or a Map */
export function requireObject(option: string, value: unknown, mustBe = 'an object'): void {
  // a module that says options is as good
  if (typeof value === 'object' && ['Object', 'Module'].includes(kindOf(value))) return
  // a text in the place of options may be a secret
  refuseOption(option, mustBe, typeof value === 'string' ? 'text' : value)
}

/** @throws ShelflifeError `invalid-option` for what is no object, and for names that no option has */
export function checkNames(of: string, options: unknown, names: ReadonlySet<string>): void {
  requireObject(of, options)
  for (const name of Object.keys(options as object)) {
    if (!names.has(name) && (options as Record<string, unknown>)[name] !== undefined) {
      const those = [...names].join(', ')
      throw new ShelflifeError('invalid-option', `${of}: there is no option '${name.slice(0, 40)}', but ${those}`)
    }
  }
}

/** A received value as it may stand in a message: short, and of objects only what they are. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'object' && value !== null) {
    const kind = kindOf(value)
    return ['Object', 'Array'].includes(kind) ? `an ${kind.toLowerCase()}` : `a ${kind}`
  }
  if (typeof value === 'function') return 'a function'
  return String(value)
}
