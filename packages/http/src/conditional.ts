import { dateOf } from './age.ts'
import { isWeakMatch, parseEntityTag, parseEntityTagList } from './entity-tag.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { parseHttpDate } from './http-date.ts'

/** What a stored response can be compared by. Milliseconds since the epoch. */
export interface Validators {
  /** `ETag`, as it is. */
  readonly etag: string | undefined
  readonly lastModified: number | undefined
  /** When it was generated. */
  readonly date: number
}

/** What conditions are evaluated against. */
export interface ConditionsInput {
  /** Value of a header of the request by its name in lower case. */
  readonly header: (name: string) => string | undefined
  readonly status: number
  readonly validators: Validators
  /** Now, in milliseconds of the wall clock, for dates with years of two digits. */
  readonly now: number
}

/**
 * What the conditions of a request come to. `pass`: send the whole response. `not-modified`: send a 304. `forward`: they
 * are for the origin, whose present state the cache does not know.
 */
export type Verdict = 'pass' | 'not-modified' | 'forward'

/**
 * The validators of a stored response. Work them out once, when it is stored or read.
 *
 * @param respondedAt when it came, in milliseconds of the wall clock; stands in for a `Date` that is missing
 * @example validatorsIn([['ETag', '"1"']], 5000) // { etag: '"1"', lastModified: undefined, date: 5000 }
 */
export const validatorsIn = (headers: HeaderList, respondedAt: number): Validators => ({
  etag: linesOf(headers, 'etag')[0],
  lastModified: parseHttpDate(linesOf(headers, 'last-modified')[0], respondedAt),
  date: dateOf(headers, respondedAt),
})

function isNoneMatched(list: string, etag: string | undefined): boolean {
  const own = parseEntityTag(etag)
  // most clients send what they were given
  if (own !== undefined && list === etag) return true
  const wanted = parseEntityTagList(list)
  return wanted === '*' || (own !== undefined && wanted.some((tag) => isWeakMatch(tag, own)))
}

/**
 * Evaluates the conditions of a GET or HEAD against a stored response (RFC 9110 §13, RFC 9111 §4.3.2). `If-None-Match` is
 * compared weakly, and where it is there `If-Modified-Since` is ignored, even if it makes no sense (RFC 9110 §13.1.3). A
 * stored response without `Last-Modified` is as old as its `Date`. Conditions are about a 200; any other is sent as it is
 * (RFC 9110 §13.2.1).
 *
 * @example evaluateConditions({ header: () => undefined, status: 200, validators, now }) // 'pass'
 */
export function evaluateConditions({ header, status, validators, now }: ConditionsInput): Verdict {
  if (header('if-match') !== undefined || header('if-unmodified-since') !== undefined) return 'forward'
  if (status !== 200) return 'pass'
  const list = header('if-none-match')
  if (list !== undefined) return isNoneMatched(list, validators.etag) ? 'not-modified' : 'pass'
  const since = parseHttpDate(header('if-modified-since'), now)
  if (since === undefined) return 'pass'
  return (validators.lastModified ?? validators.date) <= since ? 'not-modified' : 'pass'
}
