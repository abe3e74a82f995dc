import type { HandlerPart } from './handler-part.ts'

interface ToWatch {
  /** Under which the handler finds the object. */
  readonly path: string
  readonly part: HandlerPart
  note(path: string): void
}

/** An object as it is in the beginning. */
interface Fresh {
  readonly object: object
  readonly names: ReadonlySet<string | symbol>
}

/** By the class: those of one copy of Hono. */
const known = new WeakMap<object, Fresh>()

function freshOf({ constructor }: object): Fresh {
  const found = known.get(constructor)
  if (found !== undefined) return found
  const object = new (constructor as new (request: Request) => object)(new Request('http://localhost/'))
  const fresh = { object, names: new Set(Reflect.ownKeys(object)) }
  known.set(constructor, fresh)
  return fresh
}

/** Names that objects of a class have from the beginning. */
export const namesOf = (object: object): ReadonlySet<string | symbol> => freshOf(object).names

/** Whether a method is another one than the class has, which each of its objects has a copy of. */
export const isReplaced = (object: object, name: string): boolean =>
  String(Reflect.get(object, name)) !== String(Reflect.get(freshOf(object).object, name))

/** What Hono has there for whatever handler or middleware fills it. */
const FILLED: Readonly<Record<string, (value: unknown) => boolean>> = {
  error: (value) => value !== undefined,
  bodyCache: (value) => Object.keys(Object(value) as object).length > 0,
}

/** Tells which properties are read that something in front has left on an object of Hono. What the handler sets is its own. */
export function watchProperties(object: object, { path, part, note }: ToWatch): void {
  const ofHono = namesOf(object)
  for (const name of Reflect.ownKeys(object)) {
    const left = Object.getOwnPropertyDescriptor(object, name)
    const isFilled = typeof name === 'string' && FILLED[name]?.(left?.value) === true
    if (left === undefined || (ofHono.has(name) && !isFilled)) continue
    const told = `${path}.${typeof name === 'string' ? name : (name.description ?? 'symbol')}`
    if (left.configurable !== true) {
      // it cannot be watched, so it counts as read
      note(told)
      continue
    }
    let isOwn = false
    Object.defineProperty(object, name, {
      get() {
        if (!isOwn && part.isNow()) note(told)
        return left.get === undefined ? (left.value as unknown) : (left.get.call(object) as unknown)
      },
      set(value) {
        if (part.isNow()) isOwn = true
        if (left.set === undefined) left.value = value
        else left.set.call(object, value)
      },
    })
  }
}
