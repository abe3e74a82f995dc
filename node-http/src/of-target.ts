import { texts } from './as-set.ts'
import { isEmpty, isPlain } from './is-plain.ts'

/** What an escaped text stands for; the text itself where it cannot be read. */
export const decoded = (text: string): string => {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The path of a target, and what stands behind its `?`. */
function split(target: string): readonly [path: string, query: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** A path as routers may be told to read it: several slashes are one, and a query begins at a semicolon. */
function formsOf(path: string): readonly string[] {
  const [cut = ''] = path.split(';', 1)
  return [...new Set([path, cut].flatMap((one) => [one, one.replaceAll(/\/{2,}/g, '/')]))]
}

/** Where a router has found parameters. */
interface Routed {
  /** What the route was stated with, where it is known. */
  readonly pattern: unknown
  /** What it was matched with. */
  readonly target: string
  /** Other targets that may have parameters, such as that of a router around it. What is no text is none. */
  readonly others: readonly unknown[]
}

/** From here on nothing tells which segment of a path is which of the pattern. */
const VARYING = /[*{}()?+]/

/** The segments of a pattern that have parameters in them, each with the one of the path in its place. */
function placesOf(pattern: string, path: string): readonly (readonly [segment: string, given: string | undefined])[] {
  const segments = pattern.split('/')
  const end = segments.findIndex((segment) => VARYING.test(segment))
  const given = path.split('/')
  return segments
    .slice(0, end === -1 ? segments.length : end)
    .flatMap((segment, at) => (segment.includes(':') ? [[segment, given[at]] as const] : []))
}

const NAMES = /:(\w+)/g

/** The parameters that a pattern of text says the place of; `undefined` where something else stands there. */
function placed(pattern: string, path: string, params: Readonly<Record<string, unknown>>): Set<string> | undefined {
  const found = new Set<string>()
  for (const [segment, given] of placesOf(pattern, path)) {
    const filled = segment.replaceAll(NAMES, (_all, name: string) => {
      found.add(name)
      return String(params[name])
    })
    if (given === undefined || filled !== decoded(given)) return undefined
  }
  return found
}

/** Whether a value is one segment or several in a row, of what is decoded as routers do. */
const isRunOf = (value: unknown, paths: readonly string[]): boolean =>
  Array.isArray(value)
    ? value.every((one) => typeof one === 'string' && isRunOf(one, paths))
    : typeof value === 'string' && paths.some((path) => `${path}/`.includes(`/${value}/`))

/** Whether nothing stands there because a pattern leaves that open. */
const isOpen = (name: string, value: unknown, pattern: unknown): boolean =>
  value === undefined && typeof pattern === 'string' && pattern.includes(`:${name}`)

function areOfPattern(params: Readonly<Record<string, unknown>>, { pattern, target, others }: Routed): boolean {
  const [path] = split(target)
  if (pattern instanceof RegExp) {
    // one that remembers where it was is the router's to move
    const [, ...captured] = (new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, '')).exec(path) ?? []).map(
      (one) => one && decoded(one),
    )
    if (Object.values(params).every((value) => captured.includes(value as string))) return true
  }
  const paths = texts(target, ...others)
    .flatMap((one) => formsOf(split(one)[0]))
    .flatMap((one) => [one, decoded(one)])
  return formsOf(path).some((form) => {
    const known = typeof pattern === 'string' ? placed(pattern, form, params) : new Set<string>()
    return (
      known !== undefined &&
      Object.entries(params).every(
        ([name, value]) => known.has(name) || isOpen(name, value, pattern) || isRunOf(value, paths),
      )
    )
  })
}

/** The names of the parameters in a pattern of which each segment is a text or one parameter, each in the place of its segment. */
type Parameters = readonly (string | undefined)[]

/** By pattern; `undefined` for others. */
const simple = new Map<string, Parameters | undefined>()
/** Patterns are stated by applications, so there are few. */
const MOST_PATTERNS = 1000

function parametersOf(pattern: string): Parameters | undefined {
  if (simple.has(pattern)) return simple.get(pattern)
  const segments = pattern.split('/')
  const isSimple = segments.every((segment) => /^(?::\w+|[^:*{}()?+]*)$/.test(segment))
  const names = segments.map((segment) => (segment.startsWith(':') ? segment.slice(1) : undefined))
  const found = isSimple ? names.slice(0, names.findLastIndex((name) => name !== undefined) + 1) : undefined
  if (simple.size < MOST_PATTERNS) simple.set(pattern, found)
  return found
}

/** The same for most paths, in a fraction of the time. */
function areInPlace(params: object, pattern: string, target: string): boolean {
  const names = parametersOf(pattern)
  if (names === undefined) return false
  const mark = names.length === 0 ? 0 : target.indexOf('?')
  const end = mark === -1 ? target.length : mark
  let count = 0
  let from = 0
  for (const name of names) {
    const slash = target.indexOf('/', from)
    const to = slash === -1 || slash > end ? end : slash
    if (name !== undefined) {
      const text = target.slice(from, to)
      if (text === '' || (params as Record<string, unknown>)[name] !== decoded(text)) return false
      count++
    }
    from = to + 1
  }
  return count === Object.keys(params).length
}

/**
 * Whether the parameters of a path are what a router finds in it: each is what stands in its place, or a run of whole segments
 * where nothing tells its place. Whoever stands in front of a handler can change them.
 */
export function areOfPath(params: unknown, routed: Routed): boolean {
  const patterns: readonly unknown[] = Array.isArray(routed.pattern) ? routed.pattern : [routed.pattern]
  const all = Object(params) as Readonly<Record<string, unknown>>
  const { pattern: one, target } = routed
  // most are one of these
  if (one === undefined && isEmpty(params)) return true
  if (typeof one === 'string' && areInPlace(all, one, target)) return isPlain(params)
  return isPlain(params) && patterns.some((pattern) => areOfPattern(all, { ...routed, pattern }))
}

/** All that stands in something a parser has made, in whatever depth. */
const leavesOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null && (Array.isArray(value) || isPlain(value))
    ? Object.values(value).flatMap(leavesOf)
    : [value]

/**
 * Whether all that stands in a query, as some parser has made it, stands under its name in that of a target, and each name of
 * that in it. Whoever stands in front of a handler can change it.
 */
export function areOfQuery(query: unknown, target: string): boolean {
  const given = [...new URLSearchParams(split(target)[1])]
  if (!isPlain(query)) return false
  const isThere = (key: string): boolean =>
    [key, key.split(/[[.]/, 1)[0] ?? ''].some((name) => Object.hasOwn(Object(query) as object, name))
  if (!given.every(([key]) => isThere(key))) return false
  return Object.entries(Object(query) as object).every(([name, value]) => {
    const own = given.flatMap(([key, text]) =>
      key === name || key.startsWith(`${name}[`) || key.startsWith(`${name}.`) ? [text] : [],
    )
    return leavesOf(value).every((leaf) => own.includes(leaf as string))
  })
}
