import { parseCacheControl } from './cache-control.ts'
import { freshened, isSameRepresentation } from './freshening.ts'
import type { HeaderList } from './header-list.ts'
import { valueOf } from './header-list.ts'
import type { Outgoing } from './outgoing.ts'
import { storable } from './stored-headers.ts'
import type { StoredResponse } from './stored-response.ts'

/**
 * The conditions that ask the handler whether what is stored still holds: by the validators that it gave itself (RFC 9111
 * §4.3.1). Of an answer such as 404 there are none: a 304 would keep it alive after what was missing has come.
 */
export function conditionsFor(stored: StoredResponse | undefined): HeaderList {
  if (stored === undefined || stored.status >= 300) return []
  const { headers, added } = stored
  // the handler does not know one that is ours
  const etag = added.includes('etag') ? undefined : valueOf(headers, 'etag')
  const lastModified = valueOf(headers, 'last-modified')
  const conditions: [string, string][] = []
  if (etag !== undefined) conditions.push(['if-none-match', etag])
  if (lastModified !== undefined) conditions.push(['if-modified-since', lastModified])
  return conditions
}

/** Whether an answer to such conditions confirms what is stored (RFC 9111 §4.3.3, §4.3.4). */
export const confirms = ({ status, headers }: Outgoing, stored: StoredResponse): boolean =>
  status === 304 && isSameRepresentation(stored.headers, headers)

/** What is stored, with what a 304 that confirms it brings. */
export function confirmed({ status, headers, added, body }: StoredResponse, answer: Outgoing): Outgoing {
  const own = headers.filter(([name]) => !added.includes(name.toLowerCase()))
  // fields of the connection are about the 304 alone
  const update = storable(answer.headers, parseCacheControl([])) ?? []
  return { status, headers: freshened(own, update), body }
}
