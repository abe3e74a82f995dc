/** What Nest calls this does not leave its package. */
const VERSION = '__version__'

const versionOf = (handler: object, type: object): unknown =>
  Reflect.getMetadata(VERSION, handler) ?? Reflect.getMetadata(VERSION, type)

const nameOf = (value: object): string => (value as { readonly name: string }).name

/** Tells the handlers of one URI apart, those of its versions too. */
export function handlerId(handler: object, type: object): string {
  const version = versionOf(handler, type)
  const versions = version === undefined ? '' : [version].flat().map(String).join('+')
  return `${versions}:${nameOf(type)}.${nameOf(handler)}`
}
