import type { Cache } from '@shelflife/core'
import { ShelflifeError, toMilliseconds } from '@shelflife/core'
import { checkNames, lifetimeIn, optionNames, refuseOption } from '@shelflife/core/integration'

import type { CdnProvider } from './cdn-tags.ts'
import { checkFunction } from './check-function.ts'
import { isInput } from './identity.ts'
import type { CachePolicy, ResponseCacheOptions, RouteOptions, RoutePolicy } from './options.ts'
import { remembered } from './remembered.ts'
import type { QueryOptions } from './response-key.ts'

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const CACHE_NAME = /^[A-Za-z][\w.-]*$/

const CACHE_OPTIONS = optionNames<ResponseCacheOptions>({
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
const ROUTE_OPTIONS = optionNames<RouteOptions>({
  name: true,
  tier: true,
  ttl: true,
  staleWhileRevalidate: true,
  staleIfError: true,
  negativeTtl: true,
  browserTtl: true,
  guarded: true,
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
const QUERY_OPTIONS = optionNames<QueryOptions>({ allow: true, ignore: true, sort: true })
const COOKIE_OPTIONS = new Set(['vary'])
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

interface Names {
  readonly mustBe: string
  readonly isName: (text: string) => boolean
}

/** No name stands for all of them. */
const isHeader = (name: string): boolean => TOKEN.test(name) && name !== '*'
const HEADERS: Names = { mustBe: 'names of headers', isName: isHeader }
const READABLE: Names = { mustBe: 'names of headers, or paths such as req.lang', isName: isHeader }
const COOKIES: Names = { mustBe: 'names of cookies', isName: (name) => TOKEN.test(name) }
const PARAMETERS: Names = { mustBe: 'names of parameters', isName: () => true }

function namesOf(option: string, stated: readonly string[] | undefined, { mustBe, isName }: Names): readonly string[] {
  const names = list(option, stated)
  for (const name of names) if (typeof name !== 'string' || !isName(name)) refuseOption(option, mustBe, name)
  return names
}

const headerNames = (option: string, stated: readonly string[] | undefined, names = HEADERS): readonly string[] =>
  namesOf(option, stated, names).map((name) => name.toLowerCase())

const isCache = (value: unknown): boolean => typeof (Object(value) as Partial<Cache>).cached === 'function'

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveCache(options: ResponseCacheOptions<string>): CachePolicy {
  if (isCache(options))
    throw new ShelflifeError(
      'invalid-option',
      'options of a response cache must be { cache }; received the cache itself',
    )
  checkNames('options of a response cache', options, CACHE_OPTIONS)
  const { name = 'shelflife', maxFillTime = 30_000, cdn, onUnkeyedInput } = options
  if (!isCache(options.cache)) refuseOption('cache', 'what createCache() gives', options.cache)
  if (onUnkeyedInput !== undefined) checkFunction('onUnkeyedInput', onUnkeyedInput)
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
    unkeyed: headerNames('unkeyed', options.unkeyed, READABLE),
  }
}

function cookiesOf(cookies: RouteOptions['cookies']): readonly string[] | undefined {
  if (cookies === undefined) return undefined
  if (cookies === 'ignore') return []
  if (!Array.isArray(cookies?.vary)) return refuseOption('cookies', "'ignore' or { vary: [names] }", cookies)
  checkNames('cookies', cookies, COOKIE_OPTIONS)
  return namesOf('cookies.vary', cookies.vary, COOKIES)
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
  namesOf('query.allow', allow, PARAMETERS)
  namesOf('query.ignore', ignore, PARAMETERS)
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
  const unkeyed = new Set([...everywhere, ...headerNames('unkeyed', options.unkeyed, READABLE)])
  return {
    name,
    lifetime: isStated ? lifetimeIn(cache, stated) : undefined,
    negativeTtl: toMilliseconds(options.negativeTtl ?? 10_000, 'negativeTtl'),
    browserTtl: browserTtl === 0 ? 0 : toMilliseconds(browserTtl, 'browserTtl'),
    guarded: oneOf('guarded', [true, false], options.guarded ?? false),
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
