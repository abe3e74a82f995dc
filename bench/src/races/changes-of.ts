import { isDeepStrictEqual } from 'node:util'

/** Who is given options with every call must not fill the memory with them. */
const MOST = 100

/** Notes how options were handed over, and what has become of them. */
export function changesOf() {
  const kept: { readonly options: object; readonly before: object }[] = []
  return {
    keep<Options extends object>(options: Options): Options {
      if (kept.length < MOST) kept.push({ options, before: copyOf(options) as object })
      return options
    },
    /** The names of the properties that were changed, added or removed. */
    list(): readonly string[] {
      return kept.flatMap(({ options, before }) => {
        const now = copyOf(options) as Record<string, unknown>
        const names = new Set([...Object.keys(before), ...Object.keys(now)])
        return [...names].filter((name) => !isDeepStrictEqual(now[name], (before as Record<string, unknown>)[name]))
      })
    },
  }
}

/** Plain objects and arrays all the way down; anything else is compared by what it is, not by what is in it. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)]))
}
