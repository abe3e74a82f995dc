import { hotReads } from '@shelflife/core/integration'

import type { Outgoing } from './outgoing.ts'
import type { Asked } from './reply.ts'
import type { Responder } from './respond.ts'
import { selects } from './selects.ts'
import { asStoredResponse } from './stored-response.ts'

/** One GET that takes whatever is fresh. */
export interface HotAsk extends Asked {
  /** With its namespace. */
  readonly key: string
  /** Whether it carries what a shared response must not depend on. */
  readonly isPersonal: boolean
}

/**
 * Answers from a copy in this process that is fresh and due for nothing, at once: what most requests come to, and all that
 * the rest of the engine would find, too. `undefined`: the rest has to look.
 */
export function createHotAnswer({ cache, reply }: Responder): (ask: HotAsk) => Outgoing | undefined {
  const hot = hotReads(cache, 'response')
  return (ask) => {
    const { incoming, key, isPersonal } = ask
    const found = hot.find(key)
    if (found === undefined) return undefined
    const stored = asStoredResponse(found.value)
    if (stored === undefined || !selects(stored, incoming)) return undefined
    if (isPersonal && !stored.isPublic) return undefined
    if (stored.initialAge + found.age / 1000 >= stored.lifetime) return undefined
    hot.count(key)
    return reply(ask, { stored, resident: found.age }, { outcome: 'hit' })
  }
}
