import { cacheGroupInvalidation } from './cache-groups.ts'
import { groupTags } from './group-tags.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import type { Incoming } from './incoming.ts'

/** What the answer to an unsafe method makes void. */
export interface Voided {
  /** Targets, path and query, on the origin of the request. */
  readonly targets: readonly string[]
  readonly tags: readonly string[]
}

/** RFC 9110 §9.2.1 */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether an answer says that something was changed as it was asked for. */
export const isWrite = ({ method }: Pick<Incoming, 'method'>, status: number): boolean =>
  !SAFE_METHODS.has(method) && status >= 200 && status < 400

/** What a `Location` or `Content-Location` is about, if it is on the same origin. */
function targetIn(value: string, base: URL): readonly string[] {
  if (!URL.canParse(value, base.href)) return []
  const url = new URL(value, base.href)
  return url.origin === base.origin ? [`${url.pathname}${url.search}`] : []
}

/**
 * What an answer makes void: after success of an unsafe method its target, what `Location` and `Content-Location` name on
 * the same origin (RFC 9111 §4.4), and the groups of `Cache-Group-Invalidation` (RFC 9875 §3). After a failure nothing.
 */
export function voidedBy(
  incoming: Pick<Incoming, 'method' | 'scheme' | 'authority' | 'target'>,
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
): Voided {
  const { scheme, authority, target } = incoming
  if (!isWrite(incoming, status)) return { targets: [], tags: [] }
  const origin = `${scheme}://${authority}`
  const tags = groupTags(incoming, cacheGroupInvalidation(headers))
  if (!URL.canParse(target, origin)) return { targets: [target], tags }
  const base = new URL(target, origin)
  const others = ['location', 'content-location'].flatMap((name) => linesOf(headers, name))
  return { targets: [...new Set([target, ...others.flatMap((value) => targetIn(value, base))])], tags }
}
