import { overlay } from './overlay.ts'

/** What is shown in the place of a property; it may ask for what is there. */
export type Veils = Readonly<Record<string, (real: () => unknown) => unknown>>

/** One property as it is, wherever it is kept. */
interface Place {
  get(): unknown
  set(value: unknown): void
  /** Back on the object. */
  leave(): void
}

function placeOf(object: object, name: string): Place {
  const own = Object.getOwnPropertyDescriptor(object, name)
  const home = Object.getPrototypeOf(object) as object
  if (own === undefined) {
    return {
      get: () => Reflect.get(home, name, object) as unknown,
      set: (value) => void Reflect.set(home, name, value, object),
      leave() {},
    }
  }
  if (!('value' in own))
    return { get: () => own.get?.call(object), set: (value) => own.set?.call(object, value), leave() {} }
  let { value } = own as { value: unknown }
  return {
    get: () => value,
    set: (given) => (value = given),
    leave: () => void Reflect.set(object, name, value),
  }
}

/**
 * Shows something else in the place of the properties that an object has, as long as they are hidden.
 *
 * @returns what ends it, and keeps what was set meanwhile
 */
export function veil(object: object, isHidden: () => boolean, veils: Veils): () => void {
  const places = Object.entries(veils)
    .filter(([name]) => name in object)
    .map(([name, show]) => ({ name, show, place: placeOf(object, name) }))
  const end = overlay(
    object,
    Object.fromEntries(
      places.map(({ name, show, place }) => [
        name,
        { get: () => (isHidden() ? show(place.get) : place.get()), set: place.set, enumerable: false },
      ]),
    ),
  )
  return () => {
    end()
    for (const { place } of places) place.leave()
  }
}
