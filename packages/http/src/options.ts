import type { Cache, DefaultTier, Duration, LifetimeOptions } from '@shelflife/core'
import { toMilliseconds } from '@shelflife/core'
import type { Lifetime } from '@shelflife/core/integration'
import { checkNames, lifetimeIn, refuseOption } from '@shelflife/core/integration'

import type { CdnProvider } from './cdn-tags.ts'
import type { Incoming } from './incoming.ts'
import { isInput } from './identity.ts'
import { remembered } from './remembered.ts'
import type { QueryOptions } from './response-key.ts'

/**
 * `safe`: for an application that caches its own routes; what a response says against storing wins over everything, and
 * clients cannot force a load. `rfc9111`: a shared cache that goes by header fields alone, as RFC 9111 has it.
 */
export type Profile = 'safe' | 'rfc9111'

/** What a handler read although nothing that selects its response tells its values apart. */
export interface UnkeyedInput {
  /** `property`: what something in front of the cache had left for the handler. */
  readonly kind: 'header' | 'property'
  /** The header in lower case, or the path of the property, such as `req.tenant`. */
  readonly name: string
  /** Path without query, of the first response of its route that was made of it. */
  readonly path: string
}

/** Options of a response cache. `Tier` are the names of the tiers of its cache. */
export interface ResponseCacheOptions<Tier extends string = DefaultTier> {
  /** Where responses are kept. They share tags, stores and `clear` with everything else in it. */
  readonly cache: Cache<Tier>
  /** Default `safe`. */
  readonly profile?: Profile
  /** What the cache is called in `Cache-Status` (RFC 9211): letters, digits, `.`, `_`, `-`. Default `shelflife`. */
  readonly name?: string
  /** A body of more bytes is passed through and not stored. A whole number from 1. Default 2 MiB. */
  readonly maxBodySize?: number
  /** A response that takes longer is passed through and not stored; who waits for it asks for itself. Default 30s. */
  readonly maxFillTime?: Duration
  /** Variants of one URI that are stored at most. A whole number from 1. Default 20. */
  readonly maxVariants?: number
  /**
   * Targeted fields that are obeyed before `Cache-Control`, in this order, such as `CDN-Cache-Control` (RFC 9213).
   * Default: none.
   */
  readonly targets?: readonly string[]
  /** Puts the tags of responses where this provider's purge looks for them. Default: nowhere. */
  readonly cdn?: CdnProvider
  /** What handlers may read on all routes, beside what `unkeyed` of each says. In any case. Default: none. */
  readonly unkeyed?: readonly string[]
  /** Is told of each header and property once per route, but of none that says who somebody is. Default: `console.warn`. */
  readonly onUnkeyedInput?: (input: UnkeyedInput) => void
}

/** Options of one route. `Request` is what the framework's handlers get. */
export interface RouteOptions<Tier extends string = DefaultTier, Request = Incoming> extends Pick<
  LifetimeOptions,
  'ttl' | 'staleWhileRevalidate' | 'staleIfError'
> {
  /** What its requests are counted under in statistics and metrics; several may share one. Default `response`. */
  readonly name?: string
  /** A named lifetime. What is stated beside it wins. Default `dynamic`; in `rfc9111` the response alone says. */
  readonly tier?: Tier
  /** How long answers such as 404 are kept when only this configuration says that they may be. Default 10s. */
  readonly negativeTtl?: Duration
  /** How long browsers may use their copy without asking, which nothing invalidates. Default 0: they always ask. */
  readonly browserTtl?: Duration
  /** Labels for invalidating across URIs. Handlers can add more. */
  readonly tags?: readonly string[] | ((request: Request) => readonly string[])
  /** Which parts of the query make the key. Default: all of it, as received. */
  readonly query?: QueryOptions
  /** Request headers that are part of the key. `Vary` of the response does the same from the first response on. */
  readonly headers?: readonly string[]
  /**
   * What becomes of requests with cookies. `ignore`: the handler does not see them. `{ vary: ['lang'] }`: these are part
   * of the key and the only ones that the handler sees. Default: answered from the store only with what the response gave
   * an `s-maxage` (in `rfc9111` also with what it called `public`), else by the handler.
   */
  readonly cookies?: 'ignore' | { readonly vary: readonly string[] }
  /** What becomes of a response that sets cookies. `strip`: stored without. Default `refuse`: not stored. */
  readonly setCookie?: 'refuse' | 'strip' | 'store'
  /** Statuses that are stored although they usually are not, such as 302 or 204. */
  readonly statuses?: readonly number[]
  /**
   * What becomes of a response whose handler read what neither `Vary` nor the key tells apart: a request header, or what
   * something in front of the cache has left on the request, its locals or the async context. `strict`: it is not stored,
   * and reported. `warn`: it is stored, and reported. `off`: nothing is watched. But for `off`, a response that was made of
   * who somebody is (user, session, tenant, token) is never stored. Default `strict`, in `rfc9111` `warn`.
   */
  readonly inputs?: 'warn' | 'strict' | 'off'
  /**
   * What the handler may read although it is not part of the key: headers such as `x-request-id`, properties and a status
   * by their paths, such as `req.tenant` and `res.statusCode`, `AsyncLocalStorage` for all of these or
   * `AsyncLocalStorage.tenants` for one. In any case. Default: none.
   */
  readonly unkeyed?: readonly string[]
}

/** Options of a response cache, resolved once. Milliseconds. */
export interface CachePolicy {
  readonly profile: Profile
  readonly name: string
  readonly maxBodySize: number
  readonly maxFillTime: number
  readonly maxVariants: number
  readonly targets: readonly string[]
  readonly cdn: CdnProvider | undefined
  readonly unkeyed: readonly string[]
}

/** Options of a route, resolved once. Milliseconds. */
export interface RoutePolicy {
  readonly name: string
  /** `undefined`: the response alone says how long it is kept. */
  readonly lifetime: Lifetime | undefined
  readonly negativeTtl: number
  readonly browserTtl: number
  readonly query: QueryOptions
  readonly headers: readonly string[]
  /** Names of headers whose values are in the key, or hidden from the handler as far as they are not. */
  readonly keyed: ReadonlySet<string>
  /** Cookies that are part of the key; `undefined`: nothing is declared. */
  readonly cookies: readonly string[] | undefined
  readonly setCookie: 'refuse' | 'strip' | 'store'
  readonly statuses: ReadonlySet<number>
  readonly inputs: 'warn' | 'strict' | 'off'
  readonly unkeyed: ReadonlySet<string>
  /** Whether it selects a response that something was left under a path. */
  tellsApart(path: string): boolean
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const CACHE_NAME = /^[A-Za-z][\w.-]*$/

const namesOf = <Options>(options: Readonly<Record<keyof Options, true>>): ReadonlySet<string> =>
  new Set(Object.keys(options))

const CACHE_OPTIONS = namesOf<ResponseCacheOptions>({
  cache: true,
  profile: true,
  name: true,
  maxBodySize: true,
  maxFillTime: true,
  maxVariants: true,
  targets: true,
  cdn: true,
  unkeyed: true,
  onUnkeyedInput: true,
})
const ROUTE_OPTIONS = namesOf<RouteOptions>({
  name: true,
  tier: true,
  ttl: true,
  staleWhileRevalidate: true,
  staleIfError: true,
  negativeTtl: true,
  browserTtl: true,
  tags: true,
  query: true,
  headers: true,
  cookies: true,
  setCookie: true,
  statuses: true,
  inputs: true,
  unkeyed: true,
})
const INVALIDATES_OPTIONS = new Set(['tags'])
const QUERY_OPTIONS = namesOf<QueryOptions>({ allow: true, ignore: true, sort: true })
const CDNS: readonly CdnProvider[] = ['cloudflare', 'fastly', 'cloudfront', 'akamai']

function oneOf<T>(option: string, allowed: readonly T[], value: T): T {
  return allowed.includes(value)
    ? value
    : refuseOption(option, `one of ${allowed.map((one) => `'${String(one)}'`).join(', ')}`, value)
}

function count(option: string, value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : refuseOption(option, 'a whole number from 1', value)
}

/** A text is a list of its characters, which nobody means. */
function list<T>(option: string, values: readonly T[] | undefined): readonly T[] {
  if (values === undefined) return []
  return Array.isArray(values) ? values : refuseOption(option, 'a list', values)
}

function headerNames(option: string, stated: readonly string[] | undefined): readonly string[] {
  const names = list(option, stated)
  const mustBe = option === 'unkeyed' ? 'names of headers, or paths such as req.lang' : 'names of headers'
  for (const name of names) if (typeof name !== 'string' || !TOKEN.test(name)) refuseOption(option, mustBe, name)
  return names.map((name) => name.toLowerCase())
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveCache(options: ResponseCacheOptions<string>): CachePolicy {
  checkNames('options of a response cache', options, CACHE_OPTIONS)
  const { name = 'shelflife', maxFillTime = 30_000, cdn, onUnkeyedInput } = options
  if (onUnkeyedInput !== undefined && typeof onUnkeyedInput !== 'function') {
    refuseOption('onUnkeyedInput', 'a function', onUnkeyedInput)
  }
  if (typeof name !== 'string' || !CACHE_NAME.test(name))
    refuseOption('name', "letters, digits, '.', '_', '-', a letter first", name)
  return {
    profile: oneOf('profile', ['safe', 'rfc9111'], options.profile ?? 'safe'),
    name,
    maxBodySize: count('maxBodySize', options.maxBodySize ?? 2 * 2 ** 20),
    maxFillTime: toMilliseconds(maxFillTime, 'maxFillTime'),
    maxVariants: count('maxVariants', options.maxVariants ?? 20),
    targets: headerNames('targets', options.targets),
    cdn: cdn === undefined ? undefined : oneOf('cdn', CDNS, cdn),
    unkeyed: headerNames('unkeyed', options.unkeyed),
  }
}

function cookiesOf(cookies: RouteOptions['cookies']): readonly string[] | undefined {
  if (cookies === undefined) return undefined
  if (cookies === 'ignore') return []
  if (!Array.isArray(cookies?.vary)) return refuseOption('cookies', "'ignore' or { vary: [names] }", cookies)
  for (const name of cookies.vary) if (!TOKEN.test(name)) refuseOption('cookies.vary', 'names of cookies', name)
  return cookies.vary
}

/** A text counts as the one tag of its list. */
function checkTags(tags: unknown): void {
  const isFine = ['undefined', 'string', 'function'].includes(typeof tags) || Array.isArray(tags)
  if (!isFine) {
    refuseOption('tags', 'a list, or a function that returns one', tags)
  }
}

/**
 * Checks the options of a middleware that invalidates when a write has succeeded.
 *
 * @throws ShelflifeError `invalid-option`
 * @example checkInvalidates({ tags: ['products'] })
 */
export function checkInvalidates(options: { readonly tags?: unknown }): void {
  checkNames('options of invalidates()', options, INVALIDATES_OPTIONS)
  checkTags(options.tags)
}

function checkQuery(query: QueryOptions): QueryOptions {
  checkNames('query', query, QUERY_OPTIONS)
  const { allow, ignore, sort = false } = query
  list('query.allow', allow)
  list('query.ignore', ignore)
  if (typeof sort !== 'boolean') refuseOption('query.sort', 'true or false', sort)
  return query
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveRoute(
  cache: Cache<string>,
  { profile, unkeyed: everywhere }: Pick<CachePolicy, 'profile' | 'unkeyed'>,
  options: RouteOptions<string, never>,
): RoutePolicy {
  checkNames('options of a route', options, ROUTE_OPTIONS)
  const { tier, ttl, staleWhileRevalidate, staleIfError } = options
  const isStated = tier !== undefined || ttl !== undefined || profile === 'safe'
  const stated = Object.fromEntries(
    Object.entries({ tier, ttl, staleWhileRevalidate, staleIfError }).filter(([, value]) => value !== undefined),
  )
  const { browserTtl = 0 } = options
  const statuses = list('statuses', options.statuses)
  for (const status of statuses) {
    if (!Number.isInteger(status) || status < 200 || status > 599 || status === 206 || status === 304) {
      refuseOption('statuses', 'final statuses other than 206 and 304', status)
    }
  }
  const headers = headerNames('headers', options.headers)
  const cookies = cookiesOf(options.cookies)
  const { name = 'response' } = options
  if (typeof name !== 'string' || name === '' || name.length > 128)
    refuseOption('name', 'text of 1 to 128 characters', name)
  checkTags(options.tags)
  const inputs = oneOf<RoutePolicy['inputs']>(
    'inputs',
    ['warn', 'strict', 'off'],
    options.inputs ?? (profile === 'safe' ? 'strict' : 'warn'),
  )
  const unkeyed = new Set([...everywhere, ...headerNames('unkeyed', options.unkeyed)])
  return {
    name,
    lifetime: isStated ? lifetimeIn(cache, stated) : undefined,
    negativeTtl: toMilliseconds(options.negativeTtl ?? 10_000, 'negativeTtl'),
    browserTtl: browserTtl === 0 ? 0 : toMilliseconds(browserTtl, 'browserTtl'),
    query: checkQuery(options.query ?? {}),
    headers,
    keyed: new Set(cookies === undefined ? headers : [...headers, 'cookie']),
    cookies,
    setCookie: oneOf('setCookie', ['refuse', 'strip', 'store'], options.setCookie ?? 'refuse'),
    statuses: new Set(statuses),
    inputs,
    unkeyed,
    tellsApart: inputs === 'off' ? () => false : remembered((path) => isInput(unkeyed, path)),
  }
}
