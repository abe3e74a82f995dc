import type { ForwardReason } from './cache-status.ts'
import type { Exchange, Handled, HandlerRun } from './exchange.ts'
import type { RoutePolicy } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import type { RequestFacts } from './storability.ts'
import type { StoredResponse } from './stored-response.ts'
import type { WhyNot } from './why-not.ts'

/** A response of this request's own handler. */
export interface Live {
  readonly outgoing: Outgoing
  /** Why it is not stored; `undefined`: it is. */
  readonly refusal: WhyNot | undefined
  /** What the handler answered, where that was not the status of the response. */
  readonly forwardStatus: number
  readonly reason: ForwardReason
  /** Whether the handler failed although something is stored, which may do instead. */
  readonly isFailure: boolean
}

/** One request on its way through the cache. */
export interface Call {
  readonly exchange: Exchange
  readonly route: RoutePolicy
  /** Tags that are known before the handler runs. */
  readonly tags: readonly string[]
  readonly facts: RequestFacts
  /** Whether it carries what a shared response must not depend on, and nothing was declared about that. */
  readonly isPersonal: boolean
  /** Whether it is chosen by what nobody behind can see. */
  readonly isToldApart: boolean
  /** Runs the handler, once: a request can be handled only once, whatever repeats a load. */
  run(how: HandlerRun): Promise<Handled>
  hasRun(): boolean
  /** The handler's own response when it can be handed on. Pending until then; rejects with what the handler throws. */
  readonly live: Promise<Live>
  handOn(live: Live): void
  /** The whole response as it will be stored if nothing speaks against it any more. Perhaps pending for ever. */
  readonly whole: Promise<StoredResponse>
  offer(stored: StoredResponse): void
  /** Rejects `live` if nothing has been handed on. */
  fail(error: unknown): void
}

/** How a body is framed is the server's to say: a length may be added, and both must not be in one message (RFC 9112 §6.2). */
function unframed(handled: Handled): Handled {
  const headers = handled.headers.filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
  return headers.length === handled.headers.length ? handled : { ...handled, headers }
}

type Given = Pick<Call, 'exchange' | 'route' | 'tags' | 'facts' | 'isPersonal' | 'isToldApart'>

export function createCall(input: Given): Call {
  let running: Promise<Handled> | undefined
  let handOn = (_live: Live): void => {}
  let fail = (_error: unknown): void => {}
  const live = new Promise<Live>((resolve, reject) => {
    handOn = resolve
    fail = reject
  })
  let offer = (_stored: StoredResponse): void => {}
  const whole = new Promise<StoredResponse>((resolve) => {
    offer = resolve
  })
  // whoever needs it sees it; perhaps nobody does
  live.catch(() => {})
  return {
    ...input,
    live,
    handOn,
    whole,
    offer,
    fail,
    hasRun: () => running !== undefined,
    run(how) {
      if (running === undefined) {
        running = input.exchange.run(how).then(unframed)
        running.catch(fail)
      }
      return running
    },
  }
}
