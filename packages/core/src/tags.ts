import { sharedTags } from './entry.ts'
import { refuseOption } from './errors.ts'
import { flatCopy } from './flat-copy.ts'

/** Of a longer or deeper tag the beginning counts: then more is invalidated than was meant, and never less. */
const LONGEST = 1024
const MOST_STEPS = 32

/** Tags are made of data: what has empty steps or is long is one as well, and so is a number. */
const isTag = (tag: unknown): tag is string | number | bigint =>
  typeof tag === 'string' || typeof tag === 'number' || typeof tag === 'bigint'

/** Those of a list that can be tags. */
export const onlyTags = <Tag>(tags: readonly Tag[]): readonly Tag[] => tags.filter(isTag)

/** The beginning of a text with so many steps at most. */
function firstSteps(text: string): string {
  let end = -1
  for (let step = 0; step < MOST_STEPS; step++) {
    end = text.indexOf('/', end + 1)
    if (end === -1) return text
  }
  return text.slice(0, end)
}

const checked = (tag: unknown): string =>
  isTag(tag)
    ? flatCopy(firstSteps(String(tag).slice(0, LONGEST)))
    : refuseOption('a tag', "text, with `/` between steps, such as 'catalog/tv'", tag)

/**
 * A tag is a path and is also invalidated by every path above it: `catalog/tv` → `catalog`, `catalog/tv`. Namespaces are
 * tags too, which every entry in them has, so that `clear` is an invalidation: `shop/eu` → `shop`, `shop/eu`. A step may
 * be empty: `a//b` → `a`, `a/`, `a//b`.
 */
export function withAbove(full: string): readonly string[] {
  const names: string[] = []
  const start = full.indexOf('#')
  for (let slash = full.indexOf('/', start); slash !== -1; slash = full.indexOf('/', slash + 1)) {
    names.push(full.slice(0, slash))
  }
  names.push(full)
  return names
}

/** The full names of tags. A namespace has no `#`, so no tag can be taken for a namespace or for one of another. */
export function fullTags(namespace: string, tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) refuseOption('tags', 'an array of strings', tags)
  return tags.map((tag) => `${namespace}#${checked(tag)}`)
}

/** @throws ShelflifeError `invalid-option` for what is no list of tags */
export const checkTags = (tags: readonly string[]): void => void fullTags('', tags)

/** Full names of tags with everything above them, each once. */
export const expandTags = (namespace: string, tags: readonly string[]): readonly string[] => [
  ...new Set(fullTags(namespace, tags).flatMap(withAbove)),
]

/** Whether an entry or a load with the ones can be invalidated by all of the others. */
export const covers = (some: readonly string[], others: readonly string[]): boolean =>
  some === others || others.every((tag) => some.includes(tag))

/**
 * The same of tags that are made of data while a value is asked for. What is none is told and left out, for nobody can
 * invalidate by it.
 */
export function expandGiven(
  namespace: string,
  tags: readonly string[],
  tell: (error: unknown) => void,
): readonly string[] {
  try {
    return expandTags(namespace, tags)
  } catch (error) {
    tell(error)
    return expandTags(namespace, Array.isArray(tags) ? onlyTags(tags) : [])
  }
}

/** Notes that entries are made with this very array again and again. */
export function shared(tags: readonly string[]): readonly string[] {
  sharedTags.add(tags)
  return tags
}

/** What turns the `tags` option and the arguments of a call into full names, with those of the namespace first. */
export function tagger(
  namespace: string,
  base: readonly string[],
  tags: readonly string[] | ((...args: never) => readonly string[]) | undefined,
  tell: (error: unknown) => void,
): (args: readonly unknown[]) => readonly string[] {
  if (tags === undefined) return () => base
  if (typeof tags !== 'function') {
    const all = [...base, ...expandTags(namespace, tags)]
    return () => all
  }
  const of = tags as unknown as (...args: readonly unknown[]) => readonly string[]
  return (args) => [...base, ...expandGiven(namespace, of(...args), tell)]
}
