/** Whether a property that is looked at when it is read is another one by now: somebody has defined it anew. */
function isDefinedAnew(object: object, name: string | symbol, { get }: PropertyDescriptor): boolean {
  return get !== undefined && Object.getOwnPropertyDescriptor(object, name)?.get !== get
}

/**
 * Puts properties in front of what an object has, as others do that wrap the methods of a response.
 *
 * @returns what takes them away, with what was put in front of them since, but for what was defined in their place
 */
export function overlay(object: object, properties: PropertyDescriptorMap): () => void {
  const before = Reflect.ownKeys(properties).map(
    (name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const,
  )
  for (const name of Reflect.ownKeys(properties)) {
    const property = properties[name as string] as PropertyDescriptor
    const access = 'value' in property ? { writable: true } : {}
    Object.defineProperty(object, name, { enumerable: true, ...property, ...access, configurable: true })
  }
  return () => {
    for (const [name, own] of before) {
      if (isDefinedAnew(object, name, properties[name as string] as PropertyDescriptor)) continue
      if (own === undefined) Reflect.deleteProperty(object, name)
      else Object.defineProperty(object, name, own)
    }
  }
}

/** The same, but what was set in the place of a value meanwhile stays. */
export function overlayKept(object: object, properties: PropertyDescriptorMap): () => void {
  const end = overlay(object, properties)
  return () => {
    const now = Object.entries(properties).flatMap(([name, { value }]) => {
      const own = Object.getOwnPropertyDescriptor(object, name)
      return own !== undefined && 'value' in own && own.value !== value ? [[name, own.value as unknown] as const] : []
    })
    end()
    for (const [name, value] of now) Reflect.set(object, name, value)
  }
}

/** Methods for `overlay`. */
export const values = (methods: Readonly<Record<string, unknown>>): PropertyDescriptorMap =>
  Object.fromEntries(Object.entries(methods).map(([name, value]) => [name, { value }]))
