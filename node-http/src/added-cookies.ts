import type { IncomingMessage } from 'node:http'

/** Where parsers leave cookies on a request. */
const JARS = ['cookies', 'signedCookies'] as const

/** The names that a header carries. */
function carriedBy(header: string): ReadonlySet<string> {
  const named = header.split(';').filter((pair) => pair.includes('='))
  return new Set(named.map((pair) => pair.slice(0, pair.indexOf('=')).trim()))
}

/** The names in a jar that the request does not carry: something in front has put them there. */
export function addedCookies({ headers }: IncomingMessage, jar: unknown): readonly string[] {
  if (typeof jar !== 'object' || jar === null) return []
  const names = Object.keys(jar)
  if (names.length === 0) return names
  const carried = carriedBy(headers.cookie ?? '')
  return names.filter((name) => !carried.has(name))
}

/**
 * The same of all jars of a request, as an object that has these names.
 *
 * @param holder the object that the jars are on: the request of Node, or that of a framework
 */
export function addedToJars(req: IncomingMessage, holder: object): object | undefined {
  const jars = holder as Partial<Record<(typeof JARS)[number], unknown>>
  if (jars.cookies === undefined && jars.signedCookies === undefined) return undefined
  const names = JARS.flatMap((jar) => addedCookies(req, jars[jar]))
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]))
}
