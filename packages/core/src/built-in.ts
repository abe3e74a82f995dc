/**
 * The name of the built-in class that a value is an instance of, and not of a subclass of it: `Date`, `Map`,
 * `Uint8Array`, `Buffer` and so on. Subclasses may hold more than their base shows, so nobody but they can copy or
 * compare them.
 */
export function builtInName(value: object): string | undefined {
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string') return undefined
  const known = (globalThis as Record<string, unknown>)[name]
  return typeof known === 'function' && known.prototype === Object.getPrototypeOf(value) ? name : undefined
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
