import { linesOf } from './header-list.ts'
import type { Outgoing } from './outgoing.ts'
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

/**
 * A response that is not stored because it is one client's, said to those behind as well: they keep what says nothing, some of
 * them for minutes (RFC 9111 §4.2.2). What the handler itself says of caching stays as it is.
 */
export function forOne(outgoing: Outgoing, refusal: WhyNot | undefined): Outgoing {
  if (refusal === undefined || !OF_ONE.has(refusal)) return outgoing
  const { headers } = outgoing
  const isStated = ['cache-control', 'expires'].some((name) => linesOf(headers, name).length > 0)
  return isStated ? outgoing : { ...outgoing, headers: [...headers, ['Cache-Control', 'private, no-cache']] }
}
