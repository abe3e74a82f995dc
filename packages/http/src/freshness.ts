import { dateOf } from './age.ts'
import type { CacheControl } from './cache-control.ts'
import { MOST_SECONDS } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { parseHttpDate } from './http-date.ts'
import type { Profile } from './options.ts'

/** How long a response is fresh, counted from when it was generated. */
export interface Freshness {
  /** 0: it is stale from the start. */
  readonly seconds: number
  /** What says so. `none`: nothing does. */
  readonly source: 's-maxage' | 'max-age' | 'expires' | 'heuristic' | 'configured' | 'none'
}

/** What freshness is worked out from. */
export interface FreshnessInput {
  readonly profile: Profile
  readonly status: number
  readonly headers: HeaderList
  /** What is in force, and the field that it comes from: both from `effectiveControl`. */
  readonly control: CacheControl
  readonly source: string
  /** When the response came, in milliseconds of the wall clock. */
  readonly respondedAt: number
  /** Statuses that are cached on request. */
  readonly statuses: ReadonlySet<number>
  /** The configured lifetime in seconds; `undefined`: none. */
  readonly ttl: number | undefined
  /** The same for answers of 400 and above. */
  readonly negativeTtl: number | undefined
}

/** RFC 9110 §15.1, without 206, which is not stored. */
const HEURISTICALLY_CACHEABLE: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

const HEURISTIC_SHARE = 0.1
const MOST_HEURISTIC = 24 * 60 * 60

const NONE: Freshness = { seconds: 0, source: 'none' }

/** Whether a cache may choose a lifetime of its own for a response that states none (RFC 9111 §4.2.2). */
export const isHeuristicallyCacheable = (status: number, control: CacheControl): boolean =>
  HEURISTICALLY_CACHEABLE.has(status) || control.has('public')

/** RFC 9111 §5.3: what is no date, such as `0`, is in the past. Two that differ: stale, as §4.2.1 allows. */
function untilExpiry({ headers, respondedAt }: FreshnessInput): number | undefined {
  const [first, ...others] = linesOf(headers, 'expires')
  if (first === undefined) return undefined
  const expires = others.every((other) => other === first) ? parseHttpDate(first, respondedAt) : undefined
  if (expires === undefined) return 0
  const seconds = Math.floor((expires - dateOf(headers, respondedAt)) / 1000)
  return Math.min(Math.max(0, seconds), MOST_SECONDS)
}

function statedLifetime(input: FreshnessInput): Freshness | undefined {
  const { control, source } = input
  const shared = control.seconds('s-maxage')
  if (shared !== undefined) return { seconds: shared, source: 's-maxage' }
  const any = control.seconds('max-age')
  if (any !== undefined) return { seconds: any, source: 'max-age' }
  // RFC 9213 §2.2: a targeted field is obeyed alone
  const seconds = source === 'cache-control' ? untilExpiry(input) : undefined
  return seconds === undefined ? undefined : { seconds, source: 'expires' }
}

function heuristicLifetime({ profile, status, headers, control, respondedAt }: FreshnessInput): Freshness | undefined {
  if (profile !== 'rfc9111' || !isHeuristicallyCacheable(status, control)) return undefined
  const modified = parseHttpDate(linesOf(headers, 'last-modified')[0], respondedAt)
  if (modified === undefined) return undefined
  const unchanged = (dateOf(headers, respondedAt) - modified) / 1000
  const seconds = Math.min(Math.floor(unchanged * HEURISTIC_SHARE), MOST_HEURISTIC)
  return seconds > 0 ? { seconds, source: 'heuristic' } : undefined
}

/** A configured lifetime is a heuristic in the sense of RFC 9111 §4.2.2, and so is bound by the same rule. */
function configuredLifetime(input: FreshnessInput): Freshness | undefined {
  const { profile, status, control, statuses } = input
  const isAllowed = profile === 'safe' || statuses.has(status) || isHeuristicallyCacheable(status, control)
  const seconds = status >= 400 ? input.negativeTtl : input.ttl
  return isAllowed && seconds !== undefined ? { seconds, source: 'configured' } : undefined
}

/**
 * The freshness lifetime (RFC 9111 §4.2.1): `s-maxage`, else `max-age`, else `Expires` − `Date`, else 10 % of the time
 * since `Last-Modified` and a day at most (`rfc9111` only), else what is configured. What the response states thus
 * lowers and raises what is configured: the handler knows more about this response than its route does.
 *
 * @returns 0 seconds with `no-cache`, except where that names fields, which are not stored
 * @example freshnessLifetime({ ...input, control: parseCacheControl(['max-age=60']), ttl: 300 })
 * // { seconds: 60, source: 'max-age' }
 */
export function freshnessLifetime(input: FreshnessInput): Freshness {
  const lifetime = statedLifetime(input) ?? heuristicLifetime(input) ?? configuredLifetime(input) ?? NONE
  return input.control.fields('no-cache')?.length === 0 ? { ...lifetime, seconds: 0 } : lifetime
}
