/** An entity tag (RFC 9110 §8.8.3). */
export interface EntityTag {
  readonly isWeak: boolean
  /** What is between the quotes. */
  readonly opaque: string
}

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"/y

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t'

function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text[at])) at++
  return at
}

/** The tag that starts here, and where it ends. */
function tagAt(text: string, start: number): { readonly tag: EntityTag; readonly end: number } | undefined {
  TAG.lastIndex = start
  const match = TAG.exec(text)
  if (match === null) return undefined
  return { tag: { isWeak: match[1] !== undefined, opaque: match[2] ?? '' }, end: TAG.lastIndex }
}

/**
 * Reads one entity tag, as in `ETag`. Never throws.
 *
 * @returns `undefined` for anything else, such as a tag without quotes or several tags
 * @example parseEntityTag('W/"1"') // { isWeak: true, opaque: '1' }
 */
export function parseEntityTag(text: string | undefined): EntityTag | undefined {
  if (text === undefined) return undefined
  const start = skipSpace(text, 0)
  const found = tagAt(text, start)
  return found !== undefined && skipSpace(text, found.end) === text.length ? found.tag : undefined
}

/**
 * Reads a list of entity tags, as in `If-None-Match`, where commas between quotes are part of a tag. Members that are no
 * tag are left out. Never throws; linear in the length of the text.
 *
 * @example parseEntityTagList('"a,b", W/"c"') // [{ isWeak: false, opaque: 'a,b' }, { isWeak: true, opaque: 'c' }]
 */
export function parseEntityTagList(text: string): readonly EntityTag[] | '*' {
  if (text.trim() === '*') return '*'
  const tags: EntityTag[] = []
  for (let at = 0; at < text.length;) {
    const found = tagAt(text, skipSpace(text, at))
    const end = skipSpace(text, found?.end ?? at)
    const isMember = end === text.length || text[end] === ','
    if (found !== undefined && isMember) tags.push(found.tag)
    const comma = text.indexOf(',', end)
    at = comma === -1 ? text.length : comma + 1
  }
  return tags
}

/** Whether two tags stand for the same bytes (RFC 9110 §8.8.3.2). */
export const isStrongMatch = (a: EntityTag, b: EntityTag): boolean => !a.isWeak && !b.isWeak && a.opaque === b.opaque

/** Whether two tags stand for what is as good as the same (RFC 9110 §8.8.3.2). */
export const isWeakMatch = (a: EntityTag, b: EntityTag): boolean => a.opaque === b.opaque

/** 128 bits: two bodies do not meet by chance. */
const TAG_BYTES = 16

/**
 * A strong entity tag for a body: part of its SHA-256. The body has to be the final one, encoded as it is sent: the same
 * content in another encoding must not get the same tag (RFC 9110 §8.8.3.3).
 *
 * @example await generateEtag(new Uint8Array()) // '"47DEQpj8HBSa-_TImW-5JA"'
 */
export async function generateEtag(body: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  const text = btoa(String.fromCharCode(...hash.subarray(0, TAG_BYTES)))
  return `"${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}"`
}
