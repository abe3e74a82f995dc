/** What may stand between `//` and `@` of a URL: a user, a password, a token. */
const ACCESS = /\/\/[^\s/@]*@/g

const cut = (text: string): string => text.replaceAll(ACCESS, '//…@')

const holdsAccess = (value: unknown): boolean => typeof value === 'string' && value.search(ACCESS) !== -1

/**
 * Whether something that is printed with an error shows how to get into a server: a field of it, or of the errors that it
 * is made of.
 */
function tells(error: Error): boolean {
  const all = new Set<unknown>([error])
  // it also comes to what is added meanwhile, and to nothing twice
  for (const one of all) {
    if (holdsAccess(one)) return true
    if (!(one instanceof Error) && !Array.isArray(one)) continue
    for (const name of Reflect.ownKeys(one)) all.add(Reflect.get(one, name))
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
 * An error of a client as it may be shown: one whose message or fields hold the user or password of a URL becomes one of
 * the same name and code without them.
 *
 * @example redacted(new Error('connect ENOENT //u:secret@h')) // Error: connect ENOENT //…@h
 */
export function redacted(error: unknown): unknown {
  if (!(error instanceof Error)) return holdsAccess(error) ? cut(error as string) : error
  if (!mayTell(error)) return error
  const { name, message, code } = error as Error & { readonly code?: unknown }
  const shown = Object.assign(new Error(cut(message)), typeof code === 'string' && { code })
  Object.defineProperty(shown, 'name', { value: name, configurable: true })
  return shown
}
