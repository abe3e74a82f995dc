import { ShelflifeError } from '@shelflife/core'

interface Member {
  /** The prototype of the class, of a static member the class itself. */
  readonly target: object
  readonly property: string | symbol
  readonly descriptor: PropertyDescriptor | undefined
}

/**
 * What a decorator of methods stands at: nothing calls a static method on an instance, and an accessor has no arguments.
 *
 * @throws ShelflifeError `invalid-option`
 */
export function checkMember(decorator: string, { target, property, descriptor }: Member): void {
  const isStatic = typeof target === 'function'
  if (!isStatic && typeof descriptor?.value === 'function') return
  const type = (isStatic ? target : target.constructor) as { readonly name?: string }
  throw new ShelflifeError(
    'invalid-option',
    `${decorator} must stand at a method of instances; ${type.name}.${String(property)} is ${isStatic ? 'static' : 'no method'}`,
  )
}
