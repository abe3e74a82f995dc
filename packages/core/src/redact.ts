/** What may stand between `//` and `@` of a URL: a user, a password, a token. */
const ACCESS = /\/\/[^\s/@]*@/g

const cut = (text: string): string => text.replaceAll(ACCESS, '//…@')

const holdsAccess = (value: unknown): boolean => typeof value === 'string' && value.search(ACCESS) !== -1

/** Whether something that is printed with an error shows how to get into a server. */
function tells(error: Error): boolean {
  const fields = Reflect.ownKeys(error).map((name) => Reflect.get(error, name) as unknown)
  return fields.some((field) => holdsAccess(field) || (field instanceof Error && tells(field)))
}

/**
 * An error of a client as it may be shown: one whose message or fields hold the user or password of a URL becomes one of
 * the same name and code without them.
 *
 * @example redacted(new Error('connect ENOENT //u:secret@h')) // Error: connect ENOENT //…@h
 */
export function redacted(error: unknown): unknown {
  if (!(error instanceof Error)) return holdsAccess(error) ? cut(error as string) : error
  if (!tells(error)) return error
  const { name, message, code } = error as Error & { readonly code?: unknown }
  const shown = Object.assign(new Error(cut(message)), typeof code === 'string' && { code })
  Object.defineProperty(shown, 'name', { value: name, configurable: true })
  return shown
}
