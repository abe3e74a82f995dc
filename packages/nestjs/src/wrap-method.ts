import { ShelflifeError } from '@shelflife/core'

/** A method as decorators see it. */
export type AnyMethod = (this: object, ...args: unknown[]) => unknown

/** Where a decorator stands. */
interface Place {
  readonly decorator: string
  readonly target: object
  readonly property: string | symbol
  /** Properties have none. */
  readonly descriptor: PropertyDescriptor | undefined
}

/** Instances are given their cache, so nothing else has one. */
function methodAt({ decorator, target, property, descriptor }: Place): AnyMethod {
  const isStatic = typeof target === 'function'
  const found = descriptor === undefined ? 'a property' : isStatic ? 'a static member' : 'an accessor'
  if (!isStatic && typeof descriptor?.value === 'function') return descriptor.value as AnyMethod
  const type = (isStatic ? target : target.constructor) as { readonly name?: string }
  const member = `${type.name}.${String(property)}`
  throw new ShelflifeError(
    'invalid-option',
    `${decorator} on ${member} must stand at a method that instances have; received ${found}`,
  )
}

/**
 * Puts a function in the place of a method, with all that other decorators have said and will say about it.
 *
 * @throws ShelflifeError `invalid-option` for a member of another kind
 */
export function wrapMethod(place: Place, wrap: (original: AnyMethod) => AnyMethod): void {
  const original = methodAt(place)
  const wrapper = wrap(original)
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, property, { value: original[property], configurable: true })
  }
  for (const key of Reflect.getOwnMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), wrapper)
  }
  if (place.descriptor !== undefined) place.descriptor.value = wrapper
}
