/**
 * Puts properties in front of what an object has, as others do that wrap the methods of a response.
 *
 * @returns what takes them away, with what was put in front of them since
 */
export function overlay(object: object, properties: PropertyDescriptorMap): () => void {
  const before = Object.keys(properties).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const)
  for (const [name, property] of Object.entries(properties)) {
    const access = 'value' in property ? { writable: true } : {}
    Object.defineProperty(object, name, { ...property, ...access, configurable: true, enumerable: true })
  }
  return () => {
    for (const [name, own] of before) {
      if (own === undefined) Reflect.deleteProperty(object, name)
      else Object.defineProperty(object, name, own)
    }
  }
}

/** Methods for `overlay`. */
export const values = (methods: Readonly<Record<string, unknown>>): PropertyDescriptorMap =>
  Object.fromEntries(Object.entries(methods).map(([name, value]) => [name, { value }]))
