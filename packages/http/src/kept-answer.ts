import { findKept } from '@shelflife/core/integration'

import { currentAge } from './age.ts'
import type { Call } from './call.ts'
import { whyPersonal } from './for-one.ts'
import { CREDENTIALS } from './identity.ts'
import type { Incoming } from './incoming.ts'
import type { Found } from './reply.ts'
import { requestDirectives, reuse } from './request-directives.ts'
import type { Answered, Responder, Respond } from './respond.ts'
import { selects } from './selects.ts'
import { mayServeStale } from './stale-windows.ts'
import { withVary } from './stored-headers.ts'
import { asStoredResponse } from './stored-response.ts'
import { effectiveControl } from './targeted-fields.ts'
import type { Key } from './variant-key.ts'
import { variantKey } from './variant-key.ts'
import { fieldOf, variantOf } from './vary.ts'

/** Answers requests that look at what is stored before it is known whether they may have it. */
export interface KeptAnswer {
  /** Whether a request is one of these. */
  isFor(incoming: Incoming, isPersonal: boolean): boolean
  answer(call: Call, key: Key): Promise<Answered>
}

/** RFC 9111 §5.2.1.7 */
const NOTHING_KEPT: Answered = {
  status: 504,
  headers: [['Content-Length', '0']],
  body: null,
  handling: { outcome: 'request', detail: 'only-if-cached' },
}

const isForWhoAsks = (base: Found | undefined): boolean => CREDENTIALS.some((name) => base?.stored.vary.includes(name))

export function createKeptAnswer({ cache, policy, responses }: Responder, respond: Respond): KeptAnswer {
  const { profile, targets } = policy

  async function keptUnder(key: Key): Promise<Found | undefined> {
    const kept = await findKept(cache, responses.key(key))
    const stored = asStoredResponse(kept?.value)
    return stored && { stored, resident: kept?.age ?? 0 }
  }

  /** What is stored for this request, however old: what was found under its key, or another variant. */
  async function select(call: Call, key: Key, base: Found): Promise<Found | undefined> {
    const { incoming } = call.exchange
    if (selects(base.stored, incoming)) return base
    const { vary, generation } = base.stored
    const wanted = variantOf(vary, (name) => incoming.header(name))
    const other = wanted === undefined ? undefined : await keptUnder(variantKey(key, generation, wanted))
    return other !== undefined && selects(other.stored, incoming) ? other : undefined
  }

  return {
    isFor(incoming, isPersonal) {
      if (isPersonal || incoming.method === 'HEAD') return true
      const control = incoming.header('cache-control')
      // that a response is not stored is all that a client can ask for in `safe`
      if (profile === 'safe') return control !== undefined && /no-store/i.test(control)
      return (control ?? incoming.header('pragma')) !== undefined
    },
    async answer(call, key) {
      const { incoming } = call.exchange
      const directives = requestDirectives((name) => incoming.header(name))
      const base = await keptUnder(key)
      const found = base && (await select(call, key, base))
      // where the handler has looked who asks it is of no use to load that for somebody
      const isOfOthers = found === undefined ? isForWhoAsks(base) : !found.stored.isPublic
      if (call.isPersonal && base !== undefined && isOfOthers) {
        const passed = await respond.pass(call, { outcome: 'request', detail: whyPersonal(profile) })
        // nobody looks at what it is made of, but it is known what others of this URI are
        return { ...passed, headers: withVary(passed.headers, base.stored.vary.map(fieldOf)) }
      }
      const age = found && currentAge(found.stored.initialAge, found.resident)
      const stored = found && {
        age: age ?? 0,
        lifetime: found.stored.lifetime,
        staleWhileRevalidate: found.stored.staleWhileRevalidate,
        mayBeStale: mayServeStale(effectiveControl(found.stored.headers, targets).control),
      }
      const decision = reuse({ profile, directives, stored })
      if (decision === 'fail') return NOTHING_KEPT
      const isFresh = stored !== undefined && stored.age < stored.lifetime
      if (found !== undefined && decision === 'serve') {
        // reads that may start a refresh are counted
        if (incoming.method === 'GET' && (isFresh || directives.maxStale === undefined)) return respond.read(call, key)
        return respond.from(call, found, { outcome: 'hit', detail: isFresh ? undefined : 'stale' })
      }
      if (incoming.method === 'HEAD') return respond.pass(call, { outcome: found === undefined ? 'uri-miss' : 'stale' })
      if (directives.control.has('no-store')) return respond.pass(call, { outcome: 'request' })
      return isFresh ? respond.reload(call, key) : respond.read(call, key)
    },
  }
}
