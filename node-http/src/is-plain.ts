import { types } from 'node:util'

/** Prototypes that give nothing: those of objects, of none, and those that routers and parsers make for speed. */
function givesNothing(prototype: object | null): boolean {
  if (prototype === null || prototype === Object.prototype) return true
  return Object.getPrototypeOf(prototype) === null && Reflect.ownKeys(prototype).length === 0
}

/** Whether there is nothing beside the own properties of an object: nothing inherited, and nothing that only a class knows. */
export function isPlain(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (typeof value !== 'object' || types.isProxy(value)) return false
  return givesNothing(Object.getPrototypeOf(value) as object | null)
}

/** Whether there is nothing in what a parser has left, as it does even where there was nothing. */
export const isEmpty = (value: unknown): boolean =>
  value === '' || (isPlain(value) && Object.keys(Object(value) as object).length === 0)
