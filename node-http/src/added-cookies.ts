import type { IncomingMessage } from 'node:http'

/** Where parsers leave cookies on a request. */
const JARS = ['cookies', 'signedCookies'] as const

/** The names that a header carries. */
function carriedBy(header: string): ReadonlySet<string> {
  const named = header.split(';').filter((pair) => pair.includes('='))
  return new Set(named.map((pair) => pair.slice(0, pair.indexOf('=')).trim()))
}

/**
 * The names of cookies that the request does not carry: something in front has put them where parsers leave them.
 *
 * @param holder what parsers leave them on: the request of Node, or that of a framework
 */
export function addedCookies({ headers }: IncomingMessage, holder: object): readonly string[] {
  const jars = holder as Partial<Record<(typeof JARS)[number], unknown>>
  const names = JARS.flatMap((jar) => Object.keys(Object(jars[jar]) as object))
  if (names.length === 0) return names
  const carried = carriedBy(headers.cookie ?? '')
  return names.filter((name) => !carried.has(name))
}

/** The same as an object that has these names; `undefined` for none. */
export function addedToJars(req: IncomingMessage, holder: object): object | undefined {
  const names = addedCookies(req, holder)
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]))
}
