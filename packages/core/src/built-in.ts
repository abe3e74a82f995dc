/** What stands there; nothing where an accessor does, which is the user's code. */
export const contentOf = (holder: object, name: PropertyKey): unknown =>
  Object.getOwnPropertyDescriptor(holder, name)?.value

const NAMES = [
  'Date',
  'Map',
  'Set',
  'URL',
  'ArrayBuffer',
  'DataView',
  'Buffer',
  'Uint8Array',
  'Uint8ClampedArray',
].concat(
  ['Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array', 'BigInt64Array', 'BigUint64Array'],
  ['Float16Array', 'Float32Array', 'Float64Array'],
)

/** Of a class of the runtime, where it has one of this name. */
export const prototypeOf = (name: string): object | undefined =>
  (globalThis as unknown as Record<string, { readonly prototype: object } | undefined>)[name]?.prototype

/** By prototype. Those of the beginning are kept: fake timers put another Date in the place of the real one. */
const known = /* @__PURE__ */ new WeakMap<object, string | undefined>(
  NAMES.flatMap((name): [object, string][] => {
    const prototype = prototypeOf(name)
    return prototype === undefined ? [] : [[prototype, name]]
  }),
)

/**
 * The name of the built-in class that a value is an instance of, and not of a subclass of it: `Date`, `Map`, `URL`,
 * `Uint8Array`, `Buffer` and so on, where instances can be copied or compared. Subclasses may hold more than their base
 * shows, so nobody but they can do that. Asks no value for its `constructor`, which may be code of the user's.
 */
export function builtInName(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null) return undefined
  const name = known.get(prototype)
  if (name !== undefined || known.has(prototype)) return name
  const found = NAMES.find((each) => prototypeOf(each) === prototype)
  known.set(prototype, found)
  return found
}

/** The name of the class of a value, as far as that can be told without running code of the user's. */
export function classNameOf(value: object): string | undefined {
  for (let at = Object.getPrototypeOf(value) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const made = contentOf(at, 'constructor')
    if (typeof made !== 'function') continue
    const name = contentOf(made, 'name')
    return typeof name === 'string' && name !== '' ? name : undefined
  }
  return undefined
}

/** Whether the prototype of an object is that of `{}`, here or in another realm such as a vm context, or there is none. */
export function isPlainObject(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** The same for `[]`: arrays have a prototype that is an array itself, and subclasses of Array do not. */
export const isPlainArray = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && Array.isArray(Object.getPrototypeOf(value))
