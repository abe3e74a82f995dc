import type { Exchange, HeaderList, Incoming, Outgoing, Plan, Route } from '@shelflife/http'
import { addedTo, incomingOf, isStar, isVary } from '@shelflife/http'
import type { Context, Next } from 'hono'

import { chosenIn } from './chosen.ts'
import { decisionsOf } from './decisions.ts'
import type { Earlier } from './earlier-headers.ts'
import { earlierOf } from './earlier-headers.ts'
import { executionOf } from './execution.ts'
import { handle, isFinal, isSentAlready } from './handle.ts'
import { asHandler, handlerPart } from './handler-part.ts'
import { keepStar } from './keep-star.ts'
import { leftInFront } from './left-in-front.ts'
import { receivedHeaders } from './received-headers.ts'
import type { Refresh } from './refresh.ts'
import { refreshFor, refreshOf } from './refresh.ts'
import { fieldsOf, send, sendStored } from './send.ts'
import { sentHead } from './sent-head.ts'

type Passing = Extract<Plan, { kind: 'pass' }>

/** What the handler made. */
interface Made {
  readonly response: Response
  readonly isStream: boolean
}

interface Answering extends Pick<Exchange, 'incoming'> {
  readonly plan: Extract<Plan, { kind: 'answer' }>
  readonly earlier: HeaderList
}

function mark(c: Context, fields: HeaderList): void {
  if (isSentAlready(c.res)) return
  for (const field of fields) {
    const append = !isVary(field)
    try {
      c.res.headers[append ? 'append' : 'set'](...field)
    } catch {
      // those of a response that was fetched cannot be changed
      c.header(...field, { append })
    }
  }
  if (fields.some(isStar)) keepStar(c)
}

/** What this cache says, which stands after what the handler said. */
const lastStatus = ({ headers }: Outgoing): HeaderList =>
  [headers.findLast(([name]) => name === 'Cache-Status')].filter((field) => field !== undefined)

async function pass(c: Context, next: Next, plan: Passing): Promise<void> {
  await next()
  if (c.req.header('upgrade') === undefined) mark(c, plan.marksFor([...c.res.headers]))
  const { status, headers } = c.res
  await plan.settle({ status, headers: [...headers] })
}

async function answer(c: Context, next: Next, { incoming, plan, earlier }: Answering): Promise<void> {
  const part = handlerPart(c)
  let hasBegun = false
  let made: Made | undefined
  let tellAdded = (_added: HeaderList): void => {}
  const addedLater = new Promise<HeaderList>((resolve) => {
    tellAdded = resolve
  })
  const exchange: Exchange = {
    incoming,
    async run(how) {
      hasBegun = true
      const outgoing = await handle({ c, next, earlier, part }, how)
      made = { response: c.res, isStream: outgoing.body instanceof ReadableStream }
      return { ...outgoing, addedLater }
    },
    refresh: refreshFor(c, incoming),
    // from the beginning: others wait for what this request loads, also when its client has gone away
    waitUntil: (work) => executionOf(c)?.waitUntil(work),
    context: c,
  }
  let isOver = true
  let outgoing: Outgoing
  try {
    outgoing = await asHandler(c, () => plan.answer(exchange))
    isOver = made === undefined ? !hasBegun : !made.isStream || outgoing.body instanceof Uint8Array
  } finally {
    part.leave(isOver)
  }
  if (made !== undefined && isFinal(made.response) && made.response.status === outgoing.status) {
    mark(c, lastStatus(outgoing))
    return
  }
  if (!hasBegun) return sendStored(c, outgoing, earlier)
  send(c, outgoing, earlier)
  const given = fieldsOf(outgoing, earlier)
  void sentHead(c).then((sent) => {
    part.goOn()
    tellAdded(addedTo(given, sent))
  })
}

interface Delivering {
  readonly refreshing: Refresh
  readonly earlier: HeaderList
}

/** Gives a refresh what the handler makes of it; whoever is in front of `cache()` gets its head. */
async function deliver(c: Context, next: Next, { refreshing, earlier }: Delivering): Promise<void> {
  const part = handlerPart(c)
  const outgoing = await handle({ c, next, earlier, part }, refreshing.how)
  part.leave(!(outgoing.body instanceof ReadableStream))
  send(c, { ...outgoing, body: null }, earlier)
  refreshing.deliver({ outgoing, given: fieldsOf(outgoing, earlier), goOn: () => part.goOn() })
}

interface ToRespond {
  readonly route: Pick<Route<never>, 'isSame'>
  planFor(incoming: Incoming): Plan
  /** Is told that another `cache()` is at work already. */
  onInner(): void
}

/** A request with what was left for its handler. */
function incomingWith(c: Context, set: Earlier): Incoming {
  const { raw } = c.req
  return incomingOf(raw, { received: receivedHeaders(raw), left: leftInFront(c, set), ...chosenIn(c) })
}

/** Answers a request of a client or a refresh, by the plan that is made for it. */
export async function respond(c: Context, next: Next, { route, planFor, onInner }: ToRespond): Promise<void> {
  if (decisionsOf.has(c)) {
    onInner()
    return next()
  }
  const set = earlierOf(c)
  const { headers: earlier } = set
  const incoming = incomingWith(c, set)
  const refreshing = refreshOf(c.req.raw)
  if (refreshing !== undefined) {
    if (route.isSame(incoming, refreshing.incoming)) {
      refreshing.reached()
      return deliver(c, next, { refreshing, earlier })
    }
    // it would be stored in the place of what was asked for
    c.res = new Response(null, { status: 503 })
    return
  }
  const plan = planFor(incoming)
  if (plan.kind === 'hit') return sendStored(c, plan.outgoing, earlier)
  return plan.kind === 'pass' ? pass(c, next, plan) : answer(c, next, { incoming, plan, earlier })
}
