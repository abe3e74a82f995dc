import { isWeakMatch, parseEntityTag } from './entity-tag.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'

/**
 * What describes the stored bytes stays with them (RFC 9111 §3.2). A 304 has no body of its own, so what it says here is
 * about an empty one, or a default of the framework.
 */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
])

/** Whether the stored tag is the weak form of the other one: the bytes that are stored are not those which that names. */
function isWeakened(stored: HeaderList, update: HeaderList): boolean {
  const own = parseEntityTag(linesOf(stored, 'etag')[0])
  const other = parseEntityTag(linesOf(update, 'etag')[0])
  return own?.isWeak === true && other?.isWeak === false && isWeakMatch(own, other)
}

/**
 * The headers of a stored response after a 304: every field of the 304 takes the place of those of its name, except those
 * of the body (RFC 9111 §3.2) and a strong tag for a weak one. `Age` and `Date` are about one answer, so the old ones go in
 * any case: they would make the answer that has just come look old.
 *
 * @param update the 304, hop-by-hop fields taken out
 * @example freshened([['ETag', '"1"'], ['Expires', '0']], [['Cache-Control', 'max-age=60'], ['Expires', '1']])
 * // [['ETag', '"1"'], ['Cache-Control', 'max-age=60'], ['Expires', '1']]
 */
export function freshened(stored: HeaderList, update: HeaderList): HeaderList {
  const isKept = (name: string): boolean => OF_THE_BODY.has(name) || (name === 'etag' && isWeakened(stored, update))
  const added = update.filter(([name]) => !isKept(name.toLowerCase()))
  const replaced = new Set(['age', 'date', ...added.map(([name]) => name.toLowerCase())])
  return [...stored.filter(([name]) => !replaced.has(name.toLowerCase())), ...added]
}

/**
 * Whether a 304 is about this stored response, so that it may freshen it (RFC 9111 §4.3.4): its `ETag` is the stored one,
 * or, where it has none, its `Last-Modified` is. One that names neither can only mean the response whose validators the
 * handler was asked with. What differs has to be loaded anew, without conditions. Whether a tag is weak makes no difference:
 * what encodes a body weakens its tag, and the 304 of what stands behind that has the strong one.
 *
 * @example isSameRepresentation([['ETag', '"1"']], [['ETag', '"2"']]) // false
 */
export function isSameRepresentation(stored: HeaderList, update: HeaderList): boolean {
  const etag = linesOf(update, 'etag')[0]
  const ownEtag = linesOf(stored, 'etag')[0]
  if (etag !== undefined) {
    const tag = parseEntityTag(etag)
    const own = parseEntityTag(ownEtag)
    // what has no quotes can still be the very same
    return tag === undefined || own === undefined ? etag === ownEtag : isWeakMatch(tag, own)
  }
  const modified = linesOf(update, 'last-modified')[0]
  return modified === undefined || modified === linesOf(stored, 'last-modified')[0]
}
