interface Left {
  /** Under which handlers find the object. */
  readonly path: string
  /** Whether a property is there without anybody's doing. */
  isOfFramework(object: object, name: string): boolean
}

interface Known {
  readonly prototype: object | null
  readonly names: readonly string[]
  readonly paths: readonly string[]
}

/** Kinds of requests that come in turn. */
const MOST = 8

const areSame = (a: readonly string[], b: readonly string[]): boolean => {
  let at = a.length
  if (at !== b.length) return false
  while (at > 0 && a[at - 1] === b[at - 1]) at--
  return at === 0
}

/**
 * Tells the paths of the properties of an object that somebody has put there, for `left` of `Incoming`. For each request, so it
 * remembers what it found for the same names.
 *
 * @example
 * const leftOnRequest = pathsLeft({ path: 'req', isOfFramework: (_req, name) => NAMES.has(name) })
 * leftOnRequest(req) // ['req.tenant']
 */
export function pathsLeft({ path, isOfFramework }: Left): (object: object) => readonly string[] {
  const known: Known[] = []
  let next = 0
  return (object) => {
    const names = Object.keys(object)
    const prototype = Object.getPrototypeOf(object) as object | null
    for (const one of known) if (one.prototype === prototype && areSame(one.names, names)) return one.paths
    const paths = names.filter((name) => !isOfFramework(object, name)).map((name) => `${path}.${name}`)
    known[next] = { prototype, names, paths }
    next = (next + 1) % MOST
    return paths
  }
}
