/** Words for who somebody is, and for what shows it. */
const WORDS =
  'users?|usernames?|session|sessions|sid|accounts?|tenants?|principal|identity|auth|authn|authz|authenticated|authorized|authorization|' +
  'oidc|oauth|oauth2|saml|sso|iap|jwt|jws|claims?|tokens?|bearer|credentials?|secret|password|api-?keys?|apikeys?|customers?|' +
  'members?|profile|viewer|subject|subscriber|employee|owner|person|me|roles?|permissions?|scopes?|groups|passport|login|' +
  'logged-?in|email|org|orgs|organi[sz]ation|workspace|impersonator|csrf|xsrf|nonce|cookies?|signed-?cookies|certificate|cert|' +
  'client-?cert|signature|dn'

const IDENTITY = new RegExp(`(?:^|-)(?:${WORDS})(?:-|$)`)

/** `currentUser`, `X-API-Key` and `jwt_payload` in words: `current-user`, `x-api-key`, `jwt-payload`. */
const inWords = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z\d]+/g, '-')
    .toLowerCase()

/** Headers that only sound like it. */
const OF_THE_BROWSER: ReadonlySet<string> = new Set(['user-agent', 'sec-fetch-user'])

const known = new Map<string, boolean>()
const MOST = 1000

/**
 * Whether a header or a property says who somebody is, or shows it: a response that is made of it is one user's.
 *
 * @param name of a header, or the path of a property
 * @example isIdentity('x-forwarded-user') // true
 * @example isIdentity('req.currentUser') // true
 * @example isIdentity('accept-language') // false
 */
export function isIdentity(name: string): boolean {
  const found = known.get(name)
  if (found !== undefined) return found
  const is = !OF_THE_BROWSER.has(name) && IDENTITY.test(inWords(name))
  if (known.size >= MOST) known.clear()
  known.set(name, is)
  return is
}

/** What guards, sessions and their kin leave on a request: that it is not there says that there is nobody. */
export const WHO_ASKS: readonly string[] = ['user', 'session', 'auth', 'account', 'tenant', 'principal', 'currentUser']

/** Names of properties that have nothing to do with what is answered: what was measured, counted or written down. */
const HARMLESS: ReadonlySet<string> = new Set([
  'id',
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
])

/**
 * Whether a property is nothing that an answer is made of, such as a request id, a logger or a time.
 *
 * @param path under which the handler finds it
 * @example isHarmless('req.log') // true
 */
export const isHarmless = (path: string): boolean => HARMLESS.has(path.slice(path.lastIndexOf('.') + 1))

/** What clients negotiate about: variants by these are worth keeping (RFC 9110 §12.5, RFC 6454). */
export const NEGOTIATED: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'accept-language', 'origin'])
