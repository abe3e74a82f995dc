import { keyMemo } from '@shelflife/core/integration'

import type { Incoming, Left } from './incoming.ts'
import type { RoutePolicy } from './options.ts'
import type { Responder } from './respond.ts'
import type { ToKey } from './response-key.ts'
import { leftFor, responseKey } from './response-key.ts'

/**
 * The full keys of the responses of one route; `''` for a target that has none. Where nothing but the URI tells responses
 * apart, a URI that was seen before is only looked up: a new key takes longer than all the rest of a hit.
 */
export function createFullKey(
  { cache, responses }: Pick<Responder, 'cache' | 'responses'>,
  route: RoutePolicy,
): (incoming: Incoming) => string {
  function encode(incoming: ToKey): string {
    const key = responseKey(incoming, route)
    return key === undefined ? '' : responses.key(key)
  }
  if (route.headers.length > 0 || (route.cookies ?? []).length > 0) return encode
  const known = keyMemo(cache, (uri) => {
    const [scheme, authority, target, ...left] = uri as readonly [string, string, string, ...Left[]]
    return encode({ scheme, authority, target, left, header: () => undefined })
  })
  return (incoming) => {
    const { scheme, authority, target, rewritten, selection } = incoming
    const left = rewritten === undefined && selection === undefined ? leftFor(incoming, route) : undefined
    if (left === undefined) return encode(incoming)
    return known(left.length === 0 ? [scheme, authority, target] : [scheme, authority, target, ...left])
  }
}
