import type { LoadContext } from '@shelflife/core'

import { initialAge } from './age.ts'
import { bodyFields } from './body-fields.ts'
import type { Call } from './call.ts'
import type { CaptureFailure } from './captured-body.ts'
import type { ForwardReason } from './cache-status.ts'
import type { DecisionNotes } from './decisions.ts'
import { takeDecisions } from './decisions.ts'
import { emittedControl } from './emitted-control.ts'
import type { Handled, HandlerRun } from './exchange.ts'
import { NotReached } from './exchange.ts'
import { forOne } from './for-one.ts'
import { handlerRequest } from './handler-request.ts'
import type { HeaderList } from './header-list.ts'
import type { LoadSignal } from './load-signal.ts'
import { aborted, loadSignal } from './load-signal.ts'
import type { Judge, Judgement } from './judgement.ts'
import { isForOne } from './late-fields.ts'
import type { KnownRefusals } from './known-refusals.ts'
import type { CachePolicy } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import { discard } from './outgoing.ts'
import type { Key } from './variant-key.ts'
import { isVariantKey } from './variant-key.ts'
import { selects } from './selects.ts'
import { watchContext } from './watch-context.ts'
import { takeBody } from './take-body.ts'
import type { StoredResponse, Unstored } from './stored-response.ts'
import { asStoredResponse, UNSTORED } from './stored-response.ts'
import { conditionsFor, confirmed, confirms } from './validation.ts'
import { wallClock } from './wall-clock.ts'
import type { WhyNot } from './why-not.ts'

/** Runs the handler, hands its response on, and keeps what may be kept: what all calls of one key wait for. */
export type Fill = (context: LoadContext, key: Key, call: Call) => Promise<StoredResponse | Unstored>

export interface FillInput {
  readonly policy: CachePolicy
  readonly refusals: KnownRefusals
  readonly judge: Judge
}

/** Whoever hears what a load comes to before it has ended. */
type Client = Pick<Call, 'handOn' | 'offer' | 'fail'>

/** A refresh is for nobody: the request that it began with goes its own way, and may even load another response. */
const NOBODY: Client = {
  handOn: ({ outgoing }) => discard(outgoing),
  offer() {},
  fail() {},
}

const clientOf = ({ isRefresh }: LoadContext, call: Call): Client => (isRefresh ? NOBODY : call)

/** What is loaded, for whom, and what the handler said: a 304 has become the response that it confirmed by now. */
interface Answer {
  readonly context: LoadContext
  readonly call: Call
  readonly client: Client
  readonly outgoing: Outgoing
  readonly addedLater: Handled['addedLater']
  readonly decisions: DecisionNotes
  /** Judges by what is known now. */
  readonly judged: () => Judgement
  readonly forwardStatus: number
  readonly previous: StoredResponse | undefined
  readonly reason: ForwardReason
}

/** Statuses that say that the source failed (RFC 5861 §4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** How long what can be validated is kept after it has become stale, at least. */
const KEPT_FOR_VALIDATION = 24 * 60 * 60_000

/** What is wrong with one request says nothing about the next one. */
const OF_ONE_REQUEST: ReadonlySet<WhyNot> = new Set([
  'authorization',
  'cookie',
  'request-no-store',
  'status',
  'vary-too-long',
])

/** The source failed where something is stored that may be better than its answer. */
class SourceFailure extends Error {}

/** A handler that answers 304 and does not mean what is stored, and that nobody can ask again without conditions. */
class Unconfirmed extends Error {
  constructor() {
    super('the handler answered 304 for something that is not stored')
  }
}

const isSameList = (a: HeaderList, b: HeaderList): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Makes the loader of all responses of a cache. */
export function createFill({ policy, refusals, judge }: FillInput): Fill {
  function handOn({ client, forwardStatus, reason }: Answer, outgoing: Outgoing, refusal?: WhyNot): void {
    const sent = policy.profile === 'safe' ? forOne(outgoing, refusal) : outgoing
    client.handOn({ outgoing: sent, refusal, forwardStatus, reason, isFailure: false })
  }

  function refuse({ context }: Answer, refusal: WhyNot): Unstored {
    context.skip()
    if (!OF_ONE_REQUEST.has(refusal)) refusals.add(context.key, refusal)
    return UNSTORED
  }

  /** What was added to the head at the last moment; `undefined` where that took too long to be told. */
  const late = ({ addedLater, context }: Answer): Promise<HeaderList | undefined> | HeaderList =>
    addedLater === undefined ? [] : Promise.race([addedLater, aborted(context.signal)])

  async function keep(answer: Answer, first: Judgement): Promise<StoredResponse | Unstored> {
    const { context, call, client, outgoing, previous, decisions, judged } = answer
    const { status } = outgoing
    const { copies, headers } = first
    const isOurs = copies !== undefined && !call.isToldApart
    const control = isOurs ? emittedControl({ ...copies, age: first.initialAge }) : []
    // of what is not judged to its end nobody in between keeps a copy
    const early = isOurs ? emittedControl({ ...copies, shared: 0 }) : []
    if (policy.cdn !== undefined) decisions.close('the CDN has been told')
    const { body, isHandedOn } = await takeBody(outgoing.body, {
      headers,
      most: policy.maxBodySize,
      signal: context.signal,
      handOn: (live, refusal) => handOn(answer, { ...outgoing, headers: [...headers, ...early], body: live }, refusal),
    })
    const fields = typeof body === 'string' ? body : await bodyFields(status, first.kept, body)
    if (fields === 'incomplete') {
      if (!isHandedOn) handOn(answer, { ...outgoing, body: body as Uint8Array }, fields)
      // what broke off says nothing about what was there before
      throw new SourceFailure('the body of the response is not complete')
    }
    if (typeof fields === 'string' || typeof body === 'string') return refuse(answer, fields as CaptureFailure)
    // what was decided and read while the body was made
    const last = judged()
    const refusal = last.refusal ?? (isSameList(last.headers, headers) ? undefined : 'unkeyed-input')
    if (!isHandedOn) {
      const told = refusal === undefined ? control : []
      handOn(answer, { ...outgoing, headers: [...headers, ...told, ...fields], body: outgoing.body && body }, refusal)
    }
    if (refusal !== undefined) return refuse(answer, refusal)
    decisions.close('it has ended')
    const { kept, added, headers: _headers, told: _told, refusal: _refusal, tags, ...rest } = last
    const stored: StoredResponse = {
      format: 1,
      status,
      headers: [...kept, ...fields],
      body,
      added: [...added, ...fields.map(([name]) => name.toLowerCase())],
      generation: previous?.generation ?? crypto.randomUUID(),
      ...rest,
    }
    client.offer(stored)
    const addedLater = await late(answer)
    if (addedLater === undefined) return refuse(answer, 'too-slow')
    if (isForOne(addedLater)) return refuse(answer, 'sent-for-one')
    refusals.delete(context.key)
    context.tag(...tags)
    context.lifetime({
      ttl: stored.lifetime === Infinity ? 'none' : Math.max(1, (stored.lifetime - stored.initialAge) * 1000),
      staleWhileRevalidate: stored.staleWhileRevalidate * 1000,
      staleIfError: Math.max(stored.staleIfError * 1000, conditionsFor(stored).length > 0 ? KEPT_FOR_VALIDATION : 0),
      jitter: 0,
    })
    return stored
  }

  async function fill(
    context: LoadContext,
    { key, call, signalFor }: { readonly key: Key; readonly call: Call } & Pick<LoadSignal, 'signalFor'>,
  ): Promise<StoredResponse | Unstored> {
    const { exchange, route } = call
    const client = clientOf(context, call)
    const previous = asStoredResponse(context.stale?.value)
    if (context.isRefresh && previous === undefined) {
      // which headers select it went with it
      context.skip()
      return UNSTORED
    }
    const selected = previous !== undefined && selects(previous, exchange.incoming) ? previous : undefined
    const reason: ForwardReason = previous !== undefined ? 'stale' : isVariantKey(key) ? 'vary-miss' : 'uri-miss'
    const decisions = takeDecisions()
    const reads = { headers: new Set<string>(), properties: new Set<string>() }
    const isWatched = route.inputs !== 'off'
    const noteInput = isWatched ? (path: string) => void reads.properties.add(path) : undefined
    const watch = noteInput && watchContext({ note: noteInput, own: exchange.context })
    const conditions = conditionsFor(selected)
    const howWith = (asked: HeaderList): HandlerRun => ({
      ...handlerRequest(call, context.isRefresh, previous, asked),
      isShared: true,
      noteRead: isWatched ? (name) => void reads.headers.add(name) : undefined,
      noteInput,
      leaveContext: watch?.leave,
      signalFor,
      decisions,
    })
    const how = howWith(conditions)
    const ask = (shown: HandlerRun, isAnew: boolean): Promise<Handled> => {
      const run = () => (isAnew && exchange.refresh !== undefined ? exchange.refresh(shown) : call.run(shown))
      return watch === undefined ? run() : watch.run(run)
    }
    const validated = conditions.length > 0 ? selected : undefined
    /** The conditions were ours, and nobody else knows what such a 304 is about. */
    const isAboutAnother = (answer: Handled): boolean =>
      validated !== undefined && answer.status === 304 && !confirms(answer, validated)
    const requestedAt = wallClock()
    let handled: Handled
    try {
      handled = await ask(how, context.isRefresh)
      if (isAboutAnother(handled)) {
        discard(handled)
        handled = await ask(howWith([]), true)
      }
      if (isAboutAnother(handled)) throw new Unconfirmed()
    } catch (error) {
      if (!(error instanceof NotReached || error instanceof Unconfirmed)) throw error
      // what is stored cannot be confirmed, and the next request asks whoever answered
      client.fail(error)
      context.skip()
      return UNSTORED
    }
    const now = wallClock()
    if (FAILURES.has(handled.status) && previous !== undefined) {
      const { status } = handled
      client.handOn({ outgoing: handled, refusal: 'status', forwardStatus: status, reason, isFailure: true })
      throw new SourceFailure(`the handler answered ${handled.status}`)
    }
    const isConfirmed = validated !== undefined && confirms(handled, validated)
    if (isConfirmed) discard(handled)
    const outgoing = isConfirmed ? confirmed(validated, handled) : handled
    const age = initialAge({ headers: outgoing.headers, requestedAt, respondedAt: now })
    const judged = (): Judgement => judge({ call, how, outgoing, decisions, reads, age, now })
    const judgement = judged()
    const { status: forwardStatus, addedLater } = handled
    const answer = { context, call, client, outgoing, addedLater, decisions, judged, forwardStatus, previous, reason }
    if (judgement.refusal === undefined) {
      const keeping = () => keep(answer, judgement)
      // a body may ask the context each time that more of it is wanted
      return watch === undefined ? keeping() : watch.run(keeping)
    }
    handOn(answer, { ...outgoing, headers: judgement.told }, judgement.refusal)
    return refuse(answer, judgement.refusal)
  }

  return (context, key, call) => {
    const { signalFor, end } = loadSignal(() => context.signal)
    const filled = fill(context, { key, call, signalFor })
      .finally(end)
      .catch((error: unknown) => {
        // whoever waits for this handler's response must not wait for ever
        clientOf(context, call).fail(error)
        throw error
      })
    // no answer waits for a refresh
    if (context.isRefresh) call.exchange.waitUntil?.(filled.catch(() => {}))
    return filled
  }
}
