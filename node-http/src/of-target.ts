import { isPlain } from './is-plain.ts'

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
export function split(target: string): readonly [path: string, query: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
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
