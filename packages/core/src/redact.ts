/**
 * What may stand before the `@` of a URL, with `//` in front or without: a user, a password, a token. It begins where a word
 * does, so that a long one is read once.
 */
const ACCESS = /(?<slashes>\/\/)[^\s/@]*@|(?<![^\s/\\@])[^\s/\\@:]*:[^\s/\\@]*@/g

const cut = (text: string): string => text.replaceAll(ACCESS, '$<slashes>…@')

const holdsAccess = (value: unknown): boolean => typeof value === 'string' && value.search(ACCESS) !== -1

const isError = (value: unknown): value is Error => value instanceof Error

/** Something else than text, numbers, errors and lists of errors may be what a command was sent with, whatever it is called. */
const mayBeArguments = (field: unknown): boolean =>
  Array.isArray(field) ? !field.every(isError) : Object(field) === field && !isError(field)

/**
 * Whether something that is printed with an error shows how to get into a server, or what was sent to it: a field of it, or
 * of the errors that it is made of.
 */
function tells(error: Error): boolean {
  const all = new Set<unknown>([error])
  // it also comes to what is added meanwhile, and to nothing twice
  for (const one of all) {
    if (holdsAccess(one)) return true
    if (!isError(one)) continue
    for (const name of Reflect.ownKeys(one)) {
      const field: unknown = Reflect.get(one, name)
      if (mayBeArguments(field)) return true
      for (const part of [field].flat()) all.add(part)
    }
  }
  return false
}

/** What cannot be read is not shown. */
function mayTell(error: Error): boolean {
  try {
    return tells(error)
  } catch {
    return true
  }
}

/**
 * An error of a client as it may be shown: one whose message or fields hold the user or password of a URL, or may hold the
 * arguments of a command, with a password or a value among them, becomes one of the same name and code without them.
 *
 * @example redacted(new Error('connect ENOENT //u:secret@h')) // Error: connect ENOENT //…@h
 */
export function redacted(error: unknown): unknown {
  if (!isError(error)) return holdsAccess(error) ? cut(error as string) : error
  if (!mayTell(error)) return error
  const { name, message, code } = error as Error & { readonly code?: unknown }
  const shown = Object.assign(new Error(cut(message)), typeof code === 'string' && { code })
  Object.defineProperty(shown, 'name', { value: name, configurable: true })
  return shown
}
