import { isEmpty, isPlain } from './is-plain.ts'
import { decoded, split } from './of-target.ts'

type Params = Readonly<Record<string, unknown>>

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
  /** What routers around it were matched with, whose parameters may be there as well. */
  readonly base: unknown
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
function placed(pattern: string, path: string, params: Params): ReadonlySet<string> | undefined {
  const found = new Set<string>()
  for (const [segment, given] of placesOf(pattern, path)) {
    const filled = segment.replaceAll(NAMES, (all, name: string) => {
      found.add(name)
      const value = params[name]
      return typeof value === 'string' ? value : all
    })
    if (given === undefined || filled !== decoded(given)) return undefined
  }
  return found
}

/** Finds values in segments, each segment for one value only. */
function takenFrom(path: string): (value: unknown) => boolean {
  const free: (string | undefined)[] = path.split('/').slice(1)
  const isAt = (wanted: readonly unknown[], at: number): boolean =>
    wanted.every((one, i) => free[at + i] !== undefined && decoded(free[at + i] as string) === one)
  const take = (wanted: readonly unknown[]): boolean => {
    const at = free.findIndex((_, i) => i + wanted.length <= free.length && isAt(wanted, i))
    if (at !== -1) free.fill(undefined, at, at + wanted.length)
    return at !== -1 && wanted.length > 0
  }
  return (value) => {
    if (Array.isArray(value)) return take(value)
    return typeof value === 'string' && value !== '' && (take([value]) || take(value.split('/')))
  }
}

/** Whether a value is all that a `*` at the end of a pattern leaves of a path: of one with a name a list. */
function isRestOf(value: unknown, pattern: string, path: string): boolean {
  const before = pattern.slice(0, pattern.lastIndexOf('*'))
  const rest = pattern.endsWith('*') ? value : Array.isArray(value) && value.join('/')
  if (typeof rest !== 'string') return false
  if (!before.endsWith('/') || VARYING.test(before)) return [path, decoded(path)].some((one) => one.endsWith(rest))
  return (
    decoded(
      path
        .split('/')
        .slice(before.split('/').length - 1)
        .join('/'),
    ) === rest
  )
}

/** A name that a pattern does not state: of a `*`, or of a group. */
const isNumber = (name: string): boolean => name === '*' || /^\d+$/.test(name)

const DECLARED = /[:*]"?(\w+)/g
/** From here on some may not be there. */
const OPTIONAL = /[{?]/

/** Whether nothing stands there because a pattern leaves that open. */
const isOpen = (name: string, value: unknown, pattern: string): boolean =>
  value === undefined && pattern.includes(`:${name}`)

interface OfPattern {
  readonly path: string
  readonly base: string
}

/**
 * Whether names that a pattern does not have are those of routers around it: these stand in front of its own, and each of their
 * values is a segment of its own. Whoever adds one adds it behind.
 */
function areOfBase(params: Params, isOwn: (name: string) => boolean, base: string): boolean {
  const names = Object.keys(params)
  const last = names.findLastIndex((name) => isOwn(name) && !isNumber(name))
  const take = takenFrom(base)
  return names.every((name, at) => isOwn(name) || ((last === -1 || at < last) && take(params[name])))
}

function areOfText(params: Params, pattern: string, { path, base }: OfPattern): boolean {
  const known = placed(pattern, path, params)
  if (known === undefined) return false
  const declared = new Set([...pattern.matchAll(DECLARED)].map(([, name]) => name as string))
  const isVarying = VARYING.test(pattern)
  if (!OPTIONAL.test(pattern) && [...declared].some((name) => !Object.hasOwn(params, name))) return false
  if (pattern.endsWith('*') && !Object.keys(params).some(isNumber)) return false
  const take = takenFrom(path)
  const takeOfBase = takenFrom(base)
  function isFound(name: string): boolean {
    const value = params[name]
    if (known?.has(name) || isOpen(name, value, pattern)) return true
    if (pattern.endsWith(`*${name}`)) return isRestOf(value, pattern, path)
    if (!isNumber(name)) return take(value)
    const isRest = pattern.endsWith('*') && isRestOf(value, pattern, path)
    // of several nothing tells which is which
    return isRest || (VARYING.test(pattern.slice(0, -1)) && take(value)) || takeOfBase(value)
  }
  const isOwn = (name: string): boolean => declared.has(name) || (isVarying && isNumber(name))
  return Object.keys(params).every((name) => !isOwn(name) || isFound(name)) && areOfBase(params, isOwn, base)
}

const GROUP = /\\.|\((?:\?<(.*?)>)?(?!\?)/g

function areOfGroups(params: Params, pattern: RegExp, { path, base }: OfPattern): boolean {
  // one that remembers where it was is the router's to move
  const [, ...captured] = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, '')).exec(path) ?? []
  let count = 0
  const names = [...pattern.source.matchAll(GROUP)]
    .filter(([all]) => !all.startsWith('\\'))
    .map(([, name]) => name ?? String(count++))
  const own = new Map(names.map((name, at) => [name, captured[at] && decoded(captured[at])]))
  const isRight = [...own].every(([name, value]) => params[name] === value)
  return isRight && areOfBase(params, (name) => own.has(name), base)
}

function areOfPattern(params: Params, { pattern, target, base }: Routed): boolean {
  const paths = formsOf(split(target)[0])
  const around = typeof base === 'string' ? base : ''
  return paths.some((path) => {
    const place = { path, base: around }
    if (pattern instanceof RegExp) return areOfGroups(params, pattern, place)
    return areOfText(params, typeof pattern === 'string' ? pattern : '', place)
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
 * Whether the parameters of a path are what a router finds in it: all that its pattern has, each as it stands in its place, or as
 * a segment of its own where nothing tells its place, and those of routers around it in front of them. Whoever stands in front of a
 * handler can change them.
 */
export function areOfPath(params: unknown, routed: Routed): boolean {
  const all = Object(params) as Params
  const { pattern: one, target } = routed
  // most are one of these
  if (one === undefined && isEmpty(params)) return true
  if (typeof one === 'string' && areInPlace(all, one, target)) return isPlain(params)
  const patterns: readonly unknown[] = [one].flat(Infinity)
  return isPlain(params) && patterns.some((pattern) => areOfPattern(all, { ...routed, pattern }))
}
