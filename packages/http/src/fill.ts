import type { LoadContext } from '@shelflife/core'

import { initialAge } from './age.ts'
import { bodyFields } from './body-fields.ts'
import { parseCacheControl } from './cache-control.ts'
import type { Call } from './call.ts'
import type { CaptureFailure } from './captured-body.ts'
import type { ForwardReason } from './cache-status.ts'
import { takeDecisions } from './decisions.ts'
import { emittedControl } from './emitted-control.ts'
import { freshened, isSameRepresentation } from './freshening.ts'
import { handlerRequest } from './handler-request.ts'
import { valueOf } from './header-list.ts'
import type { Judge, Judgement } from './judgement.ts'
import type { KnownRefusals } from './known-refusals.ts'
import type { CachePolicy } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import type { Key } from './variant-key.ts'
import { isVariantKey } from './variant-key.ts'
import { selects } from './selects.ts'
import { storable } from './stored-headers.ts'
import { takeBody } from './take-body.ts'
import type { StoredResponse, Unstored } from './stored-response.ts'
import { asStoredResponse, UNSTORED } from './stored-response.ts'
import { wallClock } from './wall-clock.ts'
import type { WhyNot } from './why-not.ts'

/** Runs the handler, hands its response on, and keeps what may be kept: what all calls of one key wait for. */
export type Fill = (context: LoadContext, key: Key, call: Call) => Promise<StoredResponse | Unstored>

export interface FillInput {
  readonly policy: CachePolicy
  readonly refusals: KnownRefusals
  readonly judge: Judge
}

/** What is loaded, for whom, and what the handler said: a 304 has become the response that it confirmed by now. */
interface Answer {
  readonly context: LoadContext
  readonly call: Call
  readonly outgoing: Outgoing
  readonly forwardStatus: number
  readonly previous: StoredResponse | undefined
  readonly reason: ForwardReason
}

/** Statuses that say that the source failed (RFC 5861 §4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504])

const VALIDATORS: ReadonlySet<string> = new Set(['etag', 'last-modified'])

/** How long what can be validated is kept after it has become stale, at least. */
const KEPT_FOR_VALIDATION = 24 * 60 * 60_000

/** What is wrong with one request says nothing about the next one. */
const OF_ONE_REQUEST: ReadonlySet<WhyNot> = new Set(['authorization', 'cookie', 'request-no-store', 'vary-too-long'])

/** The source failed where something is stored that may be better than its answer. */
class SourceFailure extends Error {}

const discard = ({ body }: Outgoing): void => {
  if (body instanceof ReadableStream) body.cancel().catch(() => {})
}

/** Whether the handler gave something to ask it with. */
const canBeValidated = ({ headers, added }: StoredResponse): boolean =>
  headers.some(([name]) => VALIDATORS.has(name.toLowerCase()) && !added.includes(name.toLowerCase()))

/** A 304 to our own validators confirms what is stored (RFC 9111 §4.3.3, §4.3.4). */
function confirmed(previous: StoredResponse | undefined, answer: Outgoing): Outgoing {
  if (answer.status !== 304 || previous === undefined) return answer
  if (!isSameRepresentation(previous.headers, answer.headers)) return answer
  discard(answer)
  const own = previous.headers.filter(([name]) => !previous.added.includes(name.toLowerCase()))
  // fields of the connection are about the 304 alone
  const update = storable(answer.headers, parseCacheControl([])) ?? []
  return { status: previous.status, headers: freshened(own, update), body: previous.body }
}

/** Makes the loader of all responses of a cache. */
export function createFill({ policy, refusals, judge }: FillInput): Fill {
  function handOn({ context, call, forwardStatus, reason }: Answer, outgoing: Outgoing, refusal?: WhyNot): void {
    const live = { outgoing, refusal, forwardStatus, reason, isFailure: false }
    // nobody waits for a refresh
    if (context.isRefresh) discard(outgoing)
    else call.handOn(live)
  }

  function refuse({ context }: Answer, refusal: WhyNot): Unstored {
    context.skip()
    if (!OF_ONE_REQUEST.has(refusal)) refusals.add(context.key)
    return UNSTORED
  }

  async function keep(answer: Answer, judgement: Judgement): Promise<StoredResponse | Unstored> {
    const { context, outgoing, previous } = answer
    const { status } = outgoing
    const { kept, added, copies, additions, tags, ...rest } = judgement
    const control = copies === undefined ? [] : emittedControl({ ...copies, age: rest.initialAge })
    const headers = [...outgoing.headers, ...additions, ...control]
    const { body, isHandedOn } = await takeBody(outgoing.body, {
      length: valueOf(headers, 'content-length'),
      most: policy.maxBodySize,
      signal: context.signal,
      handOn: (live, refusal) => handOn(answer, { ...outgoing, headers, body: live }, refusal),
    })
    const fields = typeof body === 'string' ? body : await bodyFields(status, kept, body)
    if (fields === 'incomplete') {
      if (!isHandedOn) handOn(answer, { ...outgoing, body: body as Uint8Array }, fields)
      // what broke off says nothing about what was there before
      throw new SourceFailure('the body of the response is not complete')
    }
    if (typeof fields === 'string' || typeof body === 'string') return refuse(answer, fields as CaptureFailure)
    if (!isHandedOn) handOn(answer, { ...outgoing, headers: [...headers, ...fields], body: outgoing.body && body })
    refusals.delete(context.key)
    const stored: StoredResponse = {
      format: 1,
      status,
      headers: [...kept, ...fields],
      body,
      added: [...added, ...fields.map(([name]) => name.toLowerCase())],
      generation: previous?.generation ?? crypto.randomUUID(),
      vary: rest.vary,
      variant: rest.variant,
      lifetime: rest.lifetime,
      initialAge: rest.initialAge,
      staleWhileRevalidate: rest.staleWhileRevalidate,
      staleIfError: rest.staleIfError,
      isPublic: rest.isPublic,
      copies,
    }
    context.tag(...tags)
    context.lifetime({
      ttl: stored.lifetime === Infinity ? 'none' : Math.max(1, (stored.lifetime - stored.initialAge) * 1000),
      staleWhileRevalidate: stored.staleWhileRevalidate * 1000,
      staleIfError: Math.max(stored.staleIfError * 1000, canBeValidated(stored) ? KEPT_FOR_VALIDATION : 0),
      jitter: 0,
    })
    return stored
  }

  const fill: Fill = async (context, key, call) => {
    const { exchange, route } = call
    const previous = asStoredResponse(context.stale?.value)
    const selected = previous !== undefined && selects(previous, exchange.incoming) ? previous : undefined
    const reason: ForwardReason = previous !== undefined ? 'stale' : isVariantKey(key) ? 'vary-miss' : 'uri-miss'
    const decisions = takeDecisions()
    const reads = new Set<string>()
    const how = {
      ...handlerRequest(call, context.isRefresh, selected),
      noteRead: route.inputs === 'off' ? undefined : (name: string) => void reads.add(name),
      decisions,
    }
    const requestedAt = wallClock()
    const handled = await (context.isRefresh && exchange.refresh !== undefined ? exchange.refresh(how) : call.run(how))
    const now = wallClock()
    if (FAILURES.has(handled.status) && previous !== undefined) {
      const live = {
        outgoing: handled,
        refusal: 'status',
        forwardStatus: handled.status,
        reason,
        isFailure: true,
      } as const
      if (context.isRefresh) discard(handled)
      else call.handOn(live)
      throw new SourceFailure(`the handler answered ${handled.status}`)
    }
    const outgoing = confirmed(selected, handled)
    const age = initialAge({ headers: outgoing.headers, requestedAt, respondedAt: now })
    const judgement = judge({ call, outgoing, decisions, reads, age, now })
    const answer = { context, call, outgoing, forwardStatus: handled.status, previous, reason }
    if (judgement.refusal === undefined) return keep(answer, judgement)
    handOn(answer, outgoing, judgement.refusal)
    return refuse(answer, judgement.refusal)
  }

  return (context, key, call) => {
    const filled = fill(context, key, call).catch((error: unknown) => {
      // whoever waits for this handler's response must not wait for ever
      call.fail(error)
      throw error
    })
    // no answer waits for a refresh
    if (context.isRefresh) call.exchange.waitUntil?.(filled.catch(() => {}))
    return filled
  }
}
