import type { Incoming } from './incoming.ts'
import type { CachePolicy, RoutePolicy } from './options.ts'

/** Why a request is not looked up. */
export type Ineligible = 'method' | 'host' | 'upgrade' | 'method-override' | 'body' | 'authorization' | 'precondition'

const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override']

const isThere = (value: string | undefined): boolean => value !== undefined

const hasBody = (incoming: Incoming): boolean =>
  isThere(incoming.header('transfer-encoding')) || (incoming.header('content-length') ?? '0') !== '0'

/** Why a request goes to the handler without a look into the cache, untouched; `undefined`: it is looked up. */
export function whyNotLookedUp(
  incoming: Incoming,
  { profile }: Pick<CachePolicy, 'profile'>,
  { headers }: Pick<RoutePolicy, 'headers'>,
): Ineligible | undefined {
  const { method } = incoming
  const header = (name: string): string | undefined => incoming.header(name)
  if (method !== 'GET' && method !== 'HEAD') return 'method'
  if (incoming.isAmbiguous === true) return 'host'
  if (isThere(header('upgrade'))) return 'upgrade'
  if (OVERRIDES.some((name) => isThere(header(name)))) return 'method-override'
  if (hasBody(incoming)) return 'body'
  // they ask about the present state of the origin (RFC 9110 §13.1.1, §13.1.4)
  if (isThere(header('if-match')) || isThere(header('if-unmodified-since'))) return 'precondition'
  const isSecret = profile === 'safe' && isThere(header('authorization')) && !headers.includes('authorization')
  return isSecret ? 'authorization' : undefined
}
