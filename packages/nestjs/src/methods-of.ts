const prototypeOf = (value: object): object | null => Object.getPrototypeOf(value) as object | null

/** Names of the methods of a class and of those that it extends. */
export function methodsOf(prototype: object | null): readonly string[] {
  if (prototype === null || prototype === Object.prototype) return []
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
  const methods = own.filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
  return [...methods.map(([name]) => name), ...methodsOf(prototypeOf(prototype))]
}
