import { hotReads } from '@shelflife/core/integration'

import type { Call } from './call.ts'
import type { Incoming } from './incoming.ts'
import type { Outgoing } from './outgoing.ts'
import type { Responder } from './respond.ts'
import { selects } from './selects.ts'
import { asStoredResponse } from './stored-response.ts'

/**
 * Answers from a copy in this process that is fresh and due for nothing, at once: what most requests come to, and all that
 * the rest of the engine would find, too. For a GET that takes whatever is fresh. `undefined`: the rest has to look.
 *
 * @param key with its namespace
 */
export function createHotAnswer({
  cache,
  reply,
}: Responder): (
  incoming: Incoming,
  key: string,
  judged: Pick<Call, 'isPersonal' | 'isToldApart'>,
) => Outgoing | undefined {
  const hot = hotReads(cache, 'response')
  return (incoming, key, { isPersonal, isToldApart }) => {
    const found = hot.find(key)
    if (found === undefined) return undefined
    const stored = asStoredResponse(found.value)
    if (stored === undefined || !selects(stored, incoming)) return undefined
    if (isPersonal && !stored.isPublic) return undefined
    if (stored.initialAge + found.age / 1000 >= stored.lifetime) return undefined
    hot.count(key)
    return reply({ incoming, isToldApart }, { stored, resident: found.age }, { outcome: 'hit' })
  }
}
