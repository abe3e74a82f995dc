import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import type { Profile } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { withVary } from './stored-headers.ts'
import type { WhyNot } from './why-not.ts'

/** What says that a response is one client's. */
const OF_ONE: ReadonlySet<WhyNot> = new Set([
  'authorization',
  'cookie',
  'decided',
  'identity',
  'set-cookie',
  'unkeyed-input',
])

/** Why what is stored for all is not for a request that carries what nothing was declared about. */
export const whyPersonal = (profile: Profile): WhyNot => (profile === 'safe' ? 'cookie' : 'authorization')

/**
 * What says that a response is one client's. Others keep what says nothing, some of them for minutes (RFC 9111 §4.2.2). What
 * the handler itself says of caching stays as it is.
 */
export function privacyOf(headers: HeaderList): HeaderList {
  const isStated = ['cache-control', 'expires'].some((name) => linesOf(headers, name).length > 0)
  return isStated ? [] : [['Cache-Control', 'private, no-cache']]
}

const withPrivate = (headers: HeaderList): HeaderList => [...headers, ...privacyOf(headers)]

/** A response that is not stored because it is one client's, said to those behind as well. */
export const forOne = (outgoing: Outgoing, refusal: WhyNot | undefined): Outgoing =>
  refusal !== undefined && OF_ONE.has(refusal) ? { ...outgoing, headers: withPrivate(outgoing.headers) } : outgoing

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
