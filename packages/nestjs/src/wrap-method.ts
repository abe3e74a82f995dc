/** A method as decorators see it. */
export type AnyMethod = (this: object, ...args: unknown[]) => unknown

/**
 * Puts a function in the place of a method, with all that other decorators have said and will say about it.
 */
export function wrapMethod(descriptor: PropertyDescriptor, wrap: (original: AnyMethod) => AnyMethod): void {
  const original = descriptor.value as AnyMethod
  const wrapper = wrap(original)
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, property, { value: original[property], configurable: true })
  }
  for (const key of Reflect.getOwnMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), wrapper)
  }
  descriptor.value = wrapper
}
