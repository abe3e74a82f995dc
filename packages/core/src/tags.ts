import { sharedTags } from './entry.ts'
import { refuseOption } from './errors.ts'
import { flatCopy } from './flat-copy.ts'

const LONGEST_TAG = 256

const isTag = (tag: unknown): tag is string =>
  typeof tag === 'string' && tag.length <= LONGEST_TAG && !tag.split('/').includes('')

/** Whether all of these can be tags. */
export const areTags = (tags: readonly unknown[]): boolean => tags.every(isTag)

function checked(tag: unknown): string {
  if (isTag(tag)) return tag
  const mustBe = `a path such as 'catalog/tv', without empty steps, of at most ${LONGEST_TAG} characters`
  return refuseOption('a tag', mustBe, tag)
}

/**
 * A tag is a path and is also invalidated by every path above it: `catalog/tv` → `catalog`, `catalog/tv`. Namespaces are
 * tags too, which every entry in them has, so that `clear` is an invalidation: `shop/eu` → `shop`, `shop/eu`.
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
  return tags.map((tag) => `${namespace}#${flatCopy(checked(tag))}`)
}

/** Full names of tags with everything above them, each once. */
export const expandTags = (namespace: string, tags: readonly string[]): readonly string[] => [
  ...new Set(fullTags(namespace, tags).flatMap(withAbove)),
]

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
): (args: readonly unknown[]) => readonly string[] {
  if (tags === undefined) return () => base
  if (typeof tags !== 'function') {
    const all = shared([...base, ...expandTags(namespace, tags)])
    return () => all
  }
  const of = tags as unknown as (...args: readonly unknown[]) => readonly string[]
  return (args) => [...base, ...expandTags(namespace, of(...args))]
}
