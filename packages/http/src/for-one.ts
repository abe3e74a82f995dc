import { parseCacheControl } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import type { Profile } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { withVary } from './stored-headers.ts'
import type { WhyNot } from './why-not.ts'

/** `unseen`: nobody looked at what it is made of. */
type Why = WhyNot | 'unseen'

/** What says that a response is one client's, or may be. */
const OF_ONE: ReadonlySet<Why> = new Set([
  'authorization',
  'cookie',
  'decided',
  'identity',
  'set-cookie',
  'unkeyed-input',
  'unseen',
])

/** What is known to be made of what nothing tells apart. */
const UNTOLD: ReadonlySet<Why> = new Set(['identity', 'unkeyed-input'])

/** Why what is stored for all is not for a request that carries what nothing was declared about. */
export const whyPersonal = (profile: Profile): WhyNot => (profile === 'safe' ? 'cookie' : 'authorization')

const isStated = (headers: HeaderList): boolean =>
  ['cache-control', 'expires'].some((name) => linesOf(headers, name).length > 0)

/**
 * What says that a response is one client's. Others keep what says nothing, some of them for minutes (RFC 9111 §4.2.2). What
 * the handler itself says of caching stays as it is.
 */
export const privacyOf = (headers: HeaderList): HeaderList =>
  isStated(headers) ? [] : [['Cache-Control', 'private, no-cache']]

const withPrivate = (headers: HeaderList): HeaderList => [...headers, ...privacyOf(headers)]

/** Directives that say who may keep a response. `public` is not one of them: file senders add it by themselves. */
const SAYS_WHO = ['s-maxage', 'private', 'no-store']

/** The lifetime that a handler states, for browsers alone, unless it has thought of caches in between. */
function keptToBrowsers(headers: HeaderList): HeaderList {
  const lines = linesOf(headers, 'cache-control')
  const control = parseCacheControl(lines)
  if (SAYS_WHO.some((directive) => control.has(directive))) return headers
  const stated = lines.join(', ').replaceAll(/(?:^|,)\s*public\s*(?=,|$)/gi, '')
  const rest = headers.filter(([name]) => name.toLowerCase() !== 'cache-control')
  return [...rest, ['Cache-Control', `private${stated && ', '}${stated.replace(/^[\s,]+/, '')}`]]
}

/** A response that is not stored because it is one client's, said to those behind as well. */
export function forOne(outgoing: Outgoing, refusal: Why | undefined): Outgoing {
  if (refusal === undefined || !OF_ONE.has(refusal)) return outgoing
  const { headers } = outgoing
  const made = isStated(headers) && UNTOLD.has(refusal) ? keptToBrowsers(headers) : withPrivate(headers)
  return { ...outgoing, headers: made }
}

/** What the cache says to copies where the handler says nothing. */
const OURS: ReadonlySet<string> = new Set(['Cache-Control', 'CDN-Cache-Control'])

/** Headers of hits come again as long as their age is the same. */
const known = new WeakMap<HeaderList, HeaderList>()

/**
 * The headers of a response that was chosen by what nobody behind can see, so that none of them gives it to another
 * client.
 *
 * @param isSilent whether it is the cache that says what becomes of copies
 */
export function forNoneBehind(headers: HeaderList, isSilent: boolean): HeaderList {
  const found = known.get(headers)
  if (found !== undefined) return found
  const own = isSilent ? headers.filter(([name]) => !OURS.has(name)) : headers
  const made = withPrivate(withVary(own, '*'))
  known.set(headers, made)
  return made
}
