import type { Left } from './incoming.ts'

/** An object that something in front of the cache can leave something on. */
interface Place {
  /** Under which handlers find the object. */
  readonly path: string
  /** Whether a property is there without anybody's doing. */
  isOfFramework(object: object, name: string): boolean
  /** Whether the object itself is left where it has a prototype of its own, and what it inherits. Default false. */
  readonly isWhole?: boolean
}

/** The names that are inherited as well. */
function namesOf(object: object): readonly string[] {
  const names = new Set(Object.getOwnPropertyNames(object))
  for (const name in object) names.add(name)
  return [...names]
}

interface Places {
  readonly places: readonly Place[]
  /** Under which handlers find the status. */
  readonly status: string
}

/** Kinds of requests that come in turn. */
const MOST = 8

const NOTHING: readonly string[] = []

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  let at = a.length
  if (at !== b.length) return false
  while (at > 0 && a[at - 1] === b[at - 1]) at--
  return at === 0
}

/** The paths of what is on one object, sorted, as the same list where names are the same. */
function lookAt({ path, isOfFramework, isWhole = false }: Place): (object: object | undefined) => readonly string[] {
  const known: { prototype: unknown; names: readonly string[]; paths: readonly string[] }[] = []
  let next = 0
  return (object) => {
    if (object === undefined) return NOTHING
    const prototype: unknown = Object.getPrototypeOf(object)
    const isOdd = isWhole && prototype !== null && prototype !== Object.prototype
    // what is not enumerable would make a hit a tenth slower
    const names = isOdd ? namesOf(object) : Object.keys(object)
    if (names.length === 0 && !isOdd) return NOTHING
    for (const one of known) if (areSame(one.names, names) && one.prototype === prototype) return one.paths
    const left = names.filter((name) => !isOfFramework(object, name))
    const all = [...(isOdd ? [path] : []), ...left.map((name) => `${path}.${name}`).sort()]
    const paths = all.length === 0 ? NOTHING : all
    known[next] = { prototype, names, paths }
    next = (next + 1) % MOST
    return paths
  }
}

/**
 * Tells what somebody has put on the objects of a request, for `left` of `Incoming`: properties, and a status other than
 * 200. For each request, so it remembers what it found, and gives the same list again.
 *
 * @returns takes the objects in the order of their places, `undefined` where there is none; gives `undefined` for nothing
 * @example
 * const places = [{ path: 'req', isOfFramework: (_req, name) => NAMES.has(name) }]
 * pathsLeft({ places, status: 'res.statusCode' })([req], 404) // ['req.tenant', ['res.statusCode', 404]]
 */
export function pathsLeft({
  places,
  status: path,
}: Places): (objects: readonly (object | undefined)[], status: number) => readonly Left[] | undefined {
  const looks = places.map(lookAt)
  const known: { status: number; found: readonly (readonly string[])[]; left: readonly Left[] }[] = []
  let next = 0
  return (objects, status) => {
    const found: (readonly string[])[] = []
    let isNothing = status === 200
    for (let at = 0; at < looks.length; at++) {
      const paths = looks[at]?.(objects[at]) ?? NOTHING
      if (paths !== NOTHING) isNothing = false
      found.push(paths)
    }
    if (isNothing) return undefined
    for (const one of known) if (one.status === status && areSame(one.found, found)) return one.left
    const left: readonly Left[] = [...found.flat(), ...(status === 200 ? [] : [[path, status] as const])]
    known[next] = { status, found, left }
    next = (next + 1) % MOST
    return left
  }
}
