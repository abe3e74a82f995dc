import type { HandlerPart } from './handler-part.ts'

interface ToWatch {
  /** Under which the handler finds the object. */
  readonly path: string
  readonly part: HandlerPart
  note(path: string): void
}

/** Names that objects of a class have from the beginning, by the class: those of one copy of Hono. */
const known = new WeakMap<object, ReadonlySet<string | symbol>>()

export function namesOf({ constructor }: object): ReadonlySet<string | symbol> {
  const found = known.get(constructor)
  if (found !== undefined) return found
  const fresh = new (constructor as new (request: Request) => object)(new Request('http://localhost/'))
  const names = new Set(Reflect.ownKeys(fresh))
  known.set(constructor, names)
  return names
}

/** Tells which properties are read that something in front has left on an object of Hono. What the handler sets is its own. */
export function watchProperties(object: object, { path, part, note }: ToWatch): void {
  const ofHono = namesOf(object)
  for (const name of Reflect.ownKeys(object)) {
    const left = Object.getOwnPropertyDescriptor(object, name)
    if (left === undefined || ofHono.has(name)) continue
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
