import type { Cache, Cached, ReadResult } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import type { Call, Live } from './call.ts'
import type { Handling } from './cache-status.ts'
import { cacheStatus } from './cache-status.ts'
import { takeDecisions } from './decisions.ts'
import { forNoneBehind, forOne, whyPersonal } from './for-one.ts'
import { passedRequest } from './handler-request.ts'
import type { KnownRefusals } from './known-refusals.ts'
import type { CachePolicy } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { discard } from './outgoing.ts'
import type { Found, Reply } from './reply.ts'
import { isUnmodified, unmodified } from './reply.ts'
import { partOf } from './part-of-live.ts'
import { selects } from './selects.ts'
import { withSelecting } from './selecting-fields.ts'
import type { StoredResponse, Unstored } from './stored-response.ts'
import { asStoredResponse, UNSTORED } from './stored-response.ts'
import type { VariantLimit } from './variant-limit.ts'
import type { Key } from './variant-key.ts'
import { isVariantKey, variantKey } from './variant-key.ts'
import { variantOf } from './vary.ts'
import type { WhyNot } from './why-not.ts'

export type Responses = Cached<readonly [key: Key, call?: Call], StoredResponse | Unstored>

/** The parts of a response cache, for what works on them. */
export interface Responder {
  readonly cache: Cache<string>
  readonly policy: CachePolicy
  readonly responses: Responses
  readonly refusals: KnownRefusals
  readonly variants: VariantLimit
  readonly reply: Reply
}

/** An answer, and what became of its request. */
export interface Answered extends Outgoing {
  readonly handling: Handling
}

type Result = Pick<ReadResult<StoredResponse | Unstored>, 'value' | 'outcome' | 'age'>

/** One look at one key. */
interface Look {
  readonly call: Call
  readonly key: Key
}

/** Looks into the cache for one GET, and runs its handler where nothing there will do. */
export interface Respond {
  /** What is stored, or what a load brings that others may wait for too. */
  read(call: Call, key: Key): Promise<Answered>
  /** The same, from the handler whatever is stored. */
  reload(call: Call, key: Key): Promise<Answered>
  /** What the handler says to this request as it came; nothing is stored. */
  pass(call: Call, handling: Handling): Promise<Answered>
  /** What was found. */
  from(call: Call, found: Found, handling: Handling): Answered
}

const isOverloaded = (error: unknown): boolean => error instanceof ShelflifeError && error.code === 'overloaded'

export function createRespond({ policy, responses, refusals, variants, reply }: Responder): Respond {
  const from = ({ exchange, isToldApart }: Call, found: Found, handling: Handling): Answered => ({
    ...reply({ incoming: exchange.incoming, isToldApart }, found, handling),
    handling,
  })

  function marked(
    { isToldApart, route, exchange }: Call,
    { status, headers, body }: Outgoing,
    handling: Handling,
  ): Answered {
    const told = isToldApart ? forNoneBehind(headers, false) : withSelecting(headers, route, exchange.incoming)
    const own = ['Cache-Status', cacheStatus(policy.name, handling)] as const
    return { status, headers: [...told, own], body, handling }
  }

  const handlingOf = ({ refusal, forwardStatus, reason }: Live): Handling => ({
    outcome: reason,
    fwdStatus: forwardStatus,
    stored: refusal === undefined,
    detail: refusal,
  })

  /** Nobody saw what a response is made of that was passed: it may be this client's, unless others of its key say why. */
  async function pass(call: Call, handling: Handling, refusal: WhyNot | 'unseen' = 'unseen'): Promise<Answered> {
    const outgoing = await call.run({ ...passedRequest(call), decisions: takeDecisions() })
    const sent = policy.profile === 'safe' ? forOne(outgoing, refusal) : outgoing
    return marked(call, sent, { ...handling, fwdStatus: outgoing.status })
  }

  /** What this request's own handler said, whatever that was, where there is nothing better. */
  async function own({ call, key }: Look, detail?: string, refusal?: WhyNot): Promise<Answered> {
    if (!call.hasRun()) return pass(call, { outcome: isVariantKey(key) ? 'vary-miss' : 'miss', detail }, refusal)
    const live = await call.live
    return marked(call, live.outgoing, handlingOf(live))
  }

  /** The same while it may still become part of a load, as the request asked for it. */
  async function fromLive({ call }: Look, settled: Promise<Answered>): Promise<Answered> {
    const live = await call.live.catch(() => undefined)
    // something stored may do in the place of what the handler threw
    if (live === undefined) return settled
    const { outgoing, refusal, isFailure } = live
    const { incoming } = call.exchange
    const isPartial = outgoing.status === 200 && incoming.header('range') !== undefined
    const isSame = isUnmodified(incoming, outgoing)
    if (isFailure) return settled
    if (refusal === undefined && (isPartial || isSame === undefined)) {
      // only the whole body tells
      const whole = call.whole.then((stored) => from(call, { stored, resident: 0 }, handlingOf(live)))
      return Promise.race([settled, whole])
    }
    if (isSame !== true) return marked(call, isPartial ? partOf(incoming, outgoing) : outgoing, handlingOf(live))
    discard(outgoing)
    return marked(call, unmodified(outgoing), handlingOf(live))
  }

  /** Another variant of the same URI (RFC 9111 §4.1). */
  async function variant({ call, key }: Look, stored: StoredResponse): Promise<Answered> {
    const { incoming } = call.exchange
    const wanted = variantOf(stored.vary, (name) => incoming.header(name))
    if (isVariantKey(key) || call.hasRun() || wanted === undefined) return own({ call, key })
    const other = variantKey(key, stored.generation, wanted)
    const gone = variants.admit(stored.generation, wanted)
    if (gone !== undefined) void responses.invalidate(variantKey(key, stored.generation, gone)).catch(() => {})
    return look({ call, key: other }, 'read')
  }

  /** Answers with what the store or a load came to, if this request may have it. */
  async function settle(at: Look, { value, outcome, age }: Result): Promise<Answered> {
    const { call } = at
    const { incoming } = call.exchange
    const stored = asStoredResponse(value)
    // what cannot be read is replaced
    if (stored === undefined) return call.hasRun() || value === UNSTORED ? own(at) : look(at, 'reload')
    if (!selects(stored, incoming)) return variant(at, stored)
    const found = { stored, resident: age }
    const hasLoaded = call.hasRun() && outcome === 'miss'
    if (hasLoaded) return from(call, found, handlingOf(await call.live))
    // what was stored for nobody in particular is not for somebody in particular
    if (call.isPersonal && !stored.isPublic) return own(at, whyPersonal(policy.profile))
    const byAge = stored.initialAge + age / 1000 - stored.lifetime
    // what was expired is stale before its time
    const staleness = outcome === 'stale' ? Math.max(0, byAge) : byAge
    if (staleness < 0) {
      return from(call, found, outcome === 'miss' ? { outcome: 'miss', collapsed: true } : { outcome: 'hit' })
    }
    if (staleness < Math.max(stored.staleWhileRevalidate, stored.staleIfError)) {
      call.live.then(
        ({ outgoing }) => discard(outgoing),
        () => {},
      )
      return from(call, found, { outcome: 'hit', detail: 'stale' })
    }
    // what has to be validated each time is good only for whoever had it validated
    return call.hasRun() ? own(at) : look(at, 'reload')
  }

  /** A load that failed is nobody's answer but the one's whose handler failed. */
  function failed(at: Look, error: unknown): Promise<Answered> {
    if (!at.call.hasRun() && isOverloaded(error)) throw error
    return own(at)
  }

  async function look(at: Look, mode: 'read' | 'reload'): Promise<Answered> {
    const { call, key } = at
    const refusal = refusals.isEmpty() ? undefined : refusals.heldFor(responses.key(key))
    if (refusal !== undefined) return own(at, 'not stored of late', refusal)
    const reading: Promise<Result> =
      mode === 'read'
        ? responses.read(key, call)
        : responses.refresh(key, call).then((value) => ({ value, outcome: 'miss', age: 0 }))
    const settled = reading.then(
      (result) => settle(at, result),
      (error: unknown) => failed(at, error),
    )
    // the load may end after the answer, and others may wait for it
    const through = (): void => {
      if (!refusals.isEmpty()) refusals.tried(responses.key(key))
    }
    const ended = settled.then(through, through)
    call.exchange.waitUntil?.(ended)
    return Promise.race([settled, fromLive(at, settled)])
  }

  return {
    read: (call, key) => look({ call, key }, 'read'),
    reload: (call, key) => look({ call, key }, 'reload'),
    pass,
    from,
  }
}
