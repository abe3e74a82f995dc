import { originStep } from './group-tags.ts'
import type { RoutePolicy } from './options.ts'
import type { Uri } from './plain-uri.ts'
import { plainUri } from './plain-uri.ts'

const LONGEST = 160

/** Whether the key of a URI cannot be told from the URI alone. */
export const needsUriTag = ({ headers, cookies = [], query }: RoutePolicy): boolean =>
  headers.length + cookies.length > 0 || Object.values(query).some((option) => option !== undefined)

/**
 * The tag by which all responses of a path can be invalidated, however it is spelled and whatever else is in their keys. Of
 * long paths the beginning: then more is invalidated than was meant, and never less.
 */
export function uriTag(uri: Uri): string {
  const [path = ''] = plainUri(uri).target.split('?', 1)
  return `uri/${originStep(uri)}/=${encodeURIComponent(path).slice(0, LONGEST)}`
}
