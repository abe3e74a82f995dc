import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'

import { isPlain } from './is-plain.ts'
import { decoded } from './of-target.ts'

/** Where parsers leave cookies on a request. */
export const JARS = ['cookies', 'signedCookies'] as const

/** Whether cookies stand there under their names, so that each can be told. What has methods, or is a text, is left as a whole. */
export const isJar = (value: unknown): value is object => isPlain(value) && value !== undefined && value !== null

const NONE: readonly never[] = []

type Jar = Readonly<Record<string, unknown>>

/** The values that a header carries, the first of each name. */
function carriedBy(header: string): ReadonlyMap<string, string> {
  const carried = new Map<string, string>()
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(equals, 0)).trim()
    const text = pair.slice(equals + 1).trim()
    if (equals !== -1 && !carried.has(name)) carried.set(name, text)
  }
  return carried
}

/** Of cookies that carry JSON parsers make what it says. */
function isOfJson(text: string, value: unknown): boolean {
  try {
    return text.startsWith('j:') && isDeepStrictEqual(JSON.parse(text.slice(2)), value)
  } catch {
    return false
  }
}

/** Whether a value is what parsers make of a text: that, what it stands for, or what was signed in it. Some leave quotes. */
function isMadeOf(value: unknown, text: string): boolean {
  const [, quoted] = /^"(.*)"$/.exec(text) ?? []
  if (quoted !== undefined && isMadeOf(value, quoted)) return true
  const meant = decoded(text)
  if (value === text || value === meant || isOfJson(meant, value)) return true
  if (!meant.startsWith('s:')) return false
  const signed = meant.slice(2, meant.lastIndexOf('.'))
  // a signature that is not right
  return value === false || value === signed || isOfJson(signed, value)
}

/**
 * The names of cookies that are not as the request carries them: something in front has put them where parsers leave them, or
 * changed or taken away what these have left.
 *
 * @param holder what parsers leave them on: the request of Node, or that of a framework
 */
export function changedCookies({ headers }: IncomingMessage, holder: object): readonly string[] {
  const places = holder as Partial<Record<(typeof JARS)[number], unknown>>
  // most requests have none, and each is asked
  if (places.cookies === undefined && places.signedCookies === undefined) return NONE
  const jars = JARS.flatMap((jar) => (isJar(places[jar]) ? [places[jar] as Jar] : []))
  if (jars.length === 0) return NONE
  const carried = carriedBy(headers.cookie ?? '')
  const changed = jars.flatMap((jar) =>
    Object.keys(jar).filter((name) => !carried.has(name) || !isMadeOf(jar[name], carried.get(name) as string)),
  )
  const missing = [...carried.keys()].filter((name) => !jars.some((jar) => Object.hasOwn(jar, name)))
  return changed.length + missing.length === 0 ? [] : [...new Set([...changed, ...missing])]
}

/** The same as an object that has these names; `undefined` for none. */
export function changedInJars(req: IncomingMessage, holder: object): object | undefined {
  const names = changedCookies(req, holder)
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]))
}

/** The places where something else than cookies under their names was left. */
export function oddJars(holder: object): readonly (typeof JARS)[number][] {
  const { cookies, signedCookies } = holder as Partial<Record<(typeof JARS)[number], unknown>>
  if (isPlain(cookies) && isPlain(signedCookies)) return NONE
  return JARS.filter((jar) => Object.hasOwn(holder, jar) && !isPlain(Reflect.get(holder, jar)))
}
