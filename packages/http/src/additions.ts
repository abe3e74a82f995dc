import { cdnTags } from './cdn-tags.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { formatHttpDate } from './http-date.ts'
import { noVarySearch } from './no-vary-search.ts'
import type { CachePolicy, RoutePolicy } from './options.ts'

interface AdditionsInput {
  readonly headers: HeaderList
  readonly tags: readonly string[]
  readonly route: RoutePolicy
  readonly policy: CachePolicy
  readonly namespace: string
  /** Milliseconds of the wall clock. */
  readonly now: number
}

/**
 * What a response that is stored gets beside its own fields: the date that it is replayed with, what of the query counts,
 * and what the purge of a CDN looks for.
 */
export function additionsTo({ headers, tags, route, policy, namespace, now }: AdditionsInput): HeaderList {
  const search = noVarySearch(route.query)
  const additions: [string, string][] = []
  if (linesOf(headers, 'date').length === 0) additions.push(['Date', formatHttpDate(now)])
  if (search !== undefined && linesOf(headers, 'no-vary-search').length === 0)
    additions.push(['No-Vary-Search', search])
  return policy.cdn === undefined ? additions : [...additions, ...cdnTags(policy.cdn, { namespace, tags })]
}
