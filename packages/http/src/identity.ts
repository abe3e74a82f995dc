import { remembered } from './remembered.ts'

/** Words for who somebody is, and for what shows it. */
const WORDS =
  'users?|usernames?|uid|actor|caller|decoded|session|sessions|sid|accounts?|tenants?|principal|identity|auth|' +
  'authn|authz|authenticated|authorized|authorization|oidc|oauth|oauth2|saml|sso|iap|jwt|jws|claims?|tokens?|bearer|' +
  'credentials?|secret|password|api-?keys?|apikeys?|customers?|members?|profile|viewer|subject|subscriber|employee|owner|' +
  'person|me|roles?|permissions?|scopes?|groups|passport|login|logged-?in|email|org|orgs|organi[sz]ation|workspace|' +
  'impersonator|csrf|xsrf|nonce|cookies?|signed-?cookies|certificate|cert|client-?cert|signature|dn'

const IDENTITY = new RegExp(`(?:^|-)(?:${WORDS})(?:-|$)`)

/** `currentUser`, `X-API-Key` and `jwt_payload` in words: `current-user`, `x-api-key`, `jwt-payload`. */
const inWords = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z\d]+/g, '-')
    .toLowerCase()

/** Headers that only sound like it. */
const OF_THE_BROWSER: ReadonlySet<string> = new Set(['user-agent', 'sec-fetch-user'])

/**
 * Whether a header or a property says who somebody is, or shows it: a response that is made of it is one user's.
 *
 * @param name of a header, or the path of a property
 * @example isIdentity('x-forwarded-user') // true
 * @example isIdentity('req.currentUser') // true
 * @example isIdentity('accept-language') // false
 */
export const isIdentity: (name: string) => boolean = remembered(
  (name) => !OF_THE_BROWSER.has(name) && IDENTITY.test(inWords(name)),
)

/** What guards, sessions and their kin leave on a request: that it is not there says that there is nobody. */
export const WHO_ASKS: readonly string[] = ['user', 'session', 'auth', 'account', 'tenant', 'principal', 'currentUser']

/** Names of properties that have nothing to do with what is answered: what was measured, counted or written down. */
const HARMLESS: ReadonlySet<string> = new Set([
  'reqId',
  'requestId',
  'request_id',
  'correlationId',
  'traceId',
  'spanId',
  'span',
  'trace',
  'log',
  'logger',
  'allLogs',
  'responseLogger',
  'startTime',
  'startAt',
  'start',
  'startedAt',
  'time',
  'timestamp',
  'requestTime',
  'receivedAt',
  'metric',
  'metrics',
  'timings',
  'timing',
  // of parseurl, morgan and body-parser
  '_parsedUrl',
  '_parsedOriginalUrl',
  '_startAt',
  '_startTime',
  '_remoteAddress',
  '_body',
  // of @fastify/cors
  'corsPreflightEnabled',
])

/** An id is that of the request only where the request itself has it. */
const IDS_OF_REQUESTS: ReadonlySet<string> = new Set(['req.id', 'req.raw.id'])

/**
 * Whether a property is nothing that an answer is made of, such as a request id, a logger or a time.
 *
 * @param path under which the handler finds it
 * @example isHarmless('req.log') // true
 * @example isHarmless('res.locals.id') // false
 */
export const isHarmless = (path: string): boolean =>
  IDS_OF_REQUESTS.has(path) || HARMLESS.has(path.slice(path.lastIndexOf('.') + 1))

/**
 * Whether a route says that its responses do not depend on something, or on what it is a part of: `res.locals` is all that is there,
 * `AsyncLocalStorage` all of these, with and without a name.
 *
 * @param unkeyed in lower case
 */
function isDeclared(unkeyed: ReadonlySet<string>, path: string): boolean {
  for (let part = path.toLowerCase(); part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('.')))) {
    if (unkeyed.has(part)) return true
  }
  return false
}

/**
 * Whether a response may be made of what was left under a path.
 *
 * @param unkeyed what a route declares, in lower case
 */
export const isInput = (unkeyed: ReadonlySet<string>, path: string): boolean =>
  (isIdentity(path) || !isHarmless(path)) && !isDeclared(unkeyed, path)

/** Headers that show who asks, and of which it is known what becomes of requests with them. */
export const CREDENTIALS = ['authorization', 'cookie'] as const

/** What clients negotiate about: variants by these are worth keeping (RFC 9110 §12.5, RFC 6454). The last asks compressors for none. */
export const NEGOTIATED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'origin',
  'x-no-compression',
])
