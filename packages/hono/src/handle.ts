import type { HandlerRun, HeaderList, Outgoing } from '@shelflife/http'
import { outgoingOf } from '@shelflife/http'
import type { Context, Next } from 'hono'

import { decisionsOf } from './decisions.ts'
import { withoutEarlier } from './earlier-headers.ts'
import type { HandlerPart } from './handler-part.ts'
import { asHandler } from './handler-part.ts'
import { showContext } from './shown-context.ts'

/** `RESPONSE_ALREADY_SENT` of @hono/node-server: the handler has written to the socket itself. */
export const isSentAlready = ({ headers }: Response): boolean => headers.has('x-hono-already-sent')

/** Workers encode bodies by themselves, and do not tell which ones they leave alone: a copy might be encoded twice. */
const isEncodedLater = ({ headers }: Response): boolean =>
  globalThis.navigator?.userAgent === 'Cloudflare-Workers' && headers.has('content-encoding')

/** Whether a response has to leave as the handler made it. */
export const isFinal = (response: Response): boolean => isSentAlready(response) || isEncodedLater(response)

interface ToHandle {
  readonly c: Context
  readonly next: Next
  readonly earlier: HeaderList
  readonly part: HandlerPart
}

/** Runs what comes after `cache()`, and gives what became of it. */
export async function handle({ c, next, earlier, part }: ToHandle, how: HandlerRun): Promise<Outgoing> {
  decisionsOf.set(c, how.decisions)
  showContext(c, how, part)
  await asHandler(c, next)
  // what Hono says when all is over: asking for the response would make one
  if (!c.finalized)
    throw new Error('Context is not finalized. Did you forget to return a Response object or `await next()`?')
  // servers refuse it, which a copy of it would hide from them
  if (c.res.status === 0) throw new Error('the handler answered `Response.error()`, which cannot be sent')
  if (isFinal(c.res)) how.decisions.noStore()
  const { status, headers, body } = outgoingOf(c.res)
  return { status, headers: withoutEarlier(headers, earlier), body }
}
