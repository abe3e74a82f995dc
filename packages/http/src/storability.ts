import type { CacheControl } from './cache-control.ts'
import { parseCacheControl } from './cache-control.ts'
import type { Freshness } from './freshness.ts'
import { isHeuristicallyCacheable } from './freshness.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import type { Profile } from './options.ts'
import { varyOf } from './vary.ts'

/** Why a response is not stored. */
export type Refusal =
  | 'method'
  | 'request-no-store'
  | 'authorization'
  | 'cookie'
  | 'status'
  | 'not-understood'
  | 'partial'
  | 'stream'
  | 'no-store'
  | 'private'
  | 'no-cache'
  | 'set-cookie'
  | 'vary-any'
  | 'vary-cookie'
  | 'vary-authorization'
  | 'no-lifetime'
  | 'expired'

/** What of a request decides whether its response may be stored. */
export interface RequestFacts {
  readonly method: string
  readonly hasAuthorization: boolean
  readonly hasCookie: boolean
  /** Its `Cache-Control`. */
  readonly control: CacheControl
}

/** What storability is judged by. */
export interface StorabilityInput {
  readonly profile: Profile
  readonly request: RequestFacts
  readonly status: number
  readonly headers: HeaderList
  /** What is in force, from `effectiveControl`. */
  readonly control: CacheControl
  /** From `freshnessLifetime`. */
  readonly freshness: Freshness
  /** Seconds, from `initialAge`. */
  readonly initialAge: number
  /** Seconds for which it may be served stale. */
  readonly staleFor: number
  readonly setCookie: 'refuse' | 'strip' | 'store'
  /** Statuses that are stored on request. */
  readonly statuses: ReadonlySet<number>
  /** Whether it is said what becomes of cookies: they are hidden from the handler, or part of the key. */
  readonly areCookiesDeclared: boolean
  /** Request headers that are part of the key on purpose, in lower case. `Vary` may then name them. */
  readonly keyed: readonly string[]
}

type Rule = (input: StorabilityInput) => Refusal | undefined

const SAFE_STATUSES: ReadonlySet<number> = new Set([200, 203, 300, 301, 308, 404, 410])

/** The final statuses of RFC 9110 §15, for `must-understand`. */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
  410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
])

/** These go on for as long as the client is there. */
const STREAM = /^\s*(?:text\/event-stream|multipart\/x-mixed-replace)\s*(?:;|$)/i

const isWhole = (control: CacheControl, directive: string): boolean => control.fields(directive)?.length === 0

/**
 * Whether a response says itself that everybody may have it (RFC 9111 §3.5). In `safe` only `s-maxage` does: senders of
 * files write `public` by themselves, whosever file it is.
 */
export const isForAll = (control: CacheControl, profile: Profile): boolean =>
  control.has('s-maxage') || (profile === 'rfc9111' && (control.has('public') || control.has('must-revalidate')))

const mayBeShared = (control: CacheControl, profile: Profile): boolean =>
  control.has('s-maxage') || (profile === 'rfc9111' && control.has('public'))

const ofRequest: Rule = ({ profile, request, control, freshness, areCookiesDeclared }) => {
  // a response to HEAD has no body to answer GET with
  if (request.method !== 'GET') return 'method'
  // RFC 9111 §5.2.1.5; in `safe` a client has no say in what is stored
  if (profile === 'rfc9111' && request.control.has('no-store')) return 'request-no-store'
  // RFC 9111 §3.5
  const isFreed = profile === 'rfc9111' && isForAll(control, profile)
  if (request.hasAuthorization && !isFreed) return 'authorization'
  // a lifetime that the response does not state itself says nothing about whom it is for
  const isStated = profile === 'rfc9111' && freshness.source !== 'heuristic' && freshness.source !== 'configured'
  return request.hasCookie && !areCookiesDeclared && !mayBeShared(control, profile) && !isStated ? 'cookie' : undefined
}

const ofStatus: Rule = ({ profile, status, statuses, headers, control }) => {
  // RFC 9110 §14.4: of any other status `Content-Range` says nothing; who sends it in `safe` has made a mistake
  const isPart = profile === 'safe' && linesOf(headers, 'content-range').length > 0
  if (status === 206 || isPart) return 'partial'
  const isFinal = Number.isInteger(status) && status >= 200 && status <= 599
  if (!isFinal || status === 304) return 'status'
  if (profile === 'safe') return SAFE_STATUSES.has(status) || statuses.has(status) ? undefined : 'status'
  // RFC 9111 §5.2.2.3
  return control.has('must-understand') && !UNDERSTOOD.has(status) ? 'not-understood' : undefined
}

const targeted = (headers: HeaderList): readonly CacheControl[] =>
  headers.filter(([name]) => /-cache-control$/i.test(name)).map(([, value]) => parseCacheControl([value]))

const ofDirectives: Rule = ({ profile, headers, control }) => {
  if (profile === 'rfc9111') {
    // RFC 9111 §5.2.2.3: `no-store` is there for caches that do not know `must-understand`
    if (control.has('no-store') && !control.has('must-understand')) return 'no-store'
    // RFC 9111 §5.2.2.7: otherwise only the fields that it names are left out
    return isWhole(control, 'private') ? 'private' : undefined
  }
  // what is said to one kind of cache between here and the client is meant for all of that kind, and this is one
  const all = [control, ...targeted(headers)]
  if (all.some((one) => one.has('no-store'))) return 'no-store'
  if (all.some((one) => one.has('private'))) return 'private'
  // RFC 9111 §5.4 gives it no meaning in responses, but who sends it means it
  const isPragma =
    linesOf(headers, 'cache-control').length === 0 && linesOf(headers, 'pragma').some((line) => /no-cache/i.test(line))
  return isWhole(control, 'no-cache') || isPragma ? 'no-cache' : undefined
}

const ofFields: Rule = ({ headers, setCookie, keyed }) => {
  if (linesOf(headers, 'content-type').some((type) => STREAM.test(type))) return 'stream'
  if (setCookie === 'refuse' && linesOf(headers, 'set-cookie').length > 0) return 'set-cookie'
  const vary = varyOf(headers)
  if (vary === '*') return 'vary-any'
  if (vary.includes('cookie') && !keyed.includes('cookie')) return 'vary-cookie'
  return vary.includes('authorization') && !keyed.includes('authorization') ? 'vary-authorization' : undefined
}

const ofLifetime: Rule = ({ profile, status, headers, control, freshness, initialAge, staleFor }) => {
  const isGuessable = profile === 'rfc9111' && isHeuristicallyCacheable(status, control)
  if (freshness.source === 'none' && !isGuessable) return 'no-lifetime'
  if (freshness.seconds > initialAge) return undefined
  if (profile === 'safe') {
    // `max-age=0`, `Expires: 0` and the like are how a handler says that its response is not to be cached; a route whose
    // handler takes longer than its ttl says no such thing
    const isSlow = freshness.source === 'configured' && freshness.seconds > 0
    return isSlow && initialAge < freshness.seconds + staleFor ? undefined : 'expired'
  }
  // a stale response is worth keeping when it can be validated (RFC 9111 §4.3) or served all the same (RFC 5861)
  const isUseful =
    linesOf(headers, 'etag').length > 0 ||
    linesOf(headers, 'last-modified').length > 0 ||
    control.has('stale-while-revalidate') ||
    control.has('stale-if-error')
  return isUseful ? undefined : 'expired'
}

/**
 * Why a response may not be stored (RFC 9111 §3, §3.5), for `detail` of `Cache-Status` and for events. In `safe` what the
 * response says against storing wins over every configured lifetime. Whether the body is complete and small enough is
 * for others to say.
 *
 * @returns the first reason, of the request, the status, the directives, the fields or the lifetime; `undefined`: it may
 * @example whyNotStored({ ...input, control: parseCacheControl(['Private']) }) // 'private'
 */
export const whyNotStored = (input: StorabilityInput): Refusal | undefined =>
  ofRequest(input) ?? ofStatus(input) ?? ofDirectives(input) ?? ofFields(input) ?? ofLifetime(input)
