/** What an object inherits under a name, as it is stated there. */
export function inherited(object: object, name: string | symbol): PropertyDescriptor | undefined {
  for (let at = Object.getPrototypeOf(object) as object | null; at !== null; at = Object.getPrototypeOf(at) as object) {
    const found = Object.getOwnPropertyDescriptor(at, name)
    if (found !== undefined) return found
  }
  return undefined
}
