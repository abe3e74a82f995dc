import { onePerProcess } from '@shelflife/core/integration'
import type { Handled, HandlerRun, Incoming, Route } from '@shelflife/http'
import { NotReached } from '@shelflife/http'
import { requestForNobody, responseForNobody } from '@shelflife/node-http'
import type { IncomingMessage, Server } from 'node:http'
import type { Observable } from 'rxjs'
import { defer } from 'rxjs'

import { boundHere } from './bound-here.ts'
import type { CapturedResponse } from './captured-response.ts'
import { captureResponse } from './captured-response.ts'
import { targetOf } from './incoming-of.ts'
import type { Platform } from './platform.ts'

/** A run of a route for nobody. */
interface Refresh {
  /** What it is for. */
  readonly route: Pick<Route<never>, 'isSame'>
  /** What was asked for. */
  readonly incoming: Incoming
  readonly how: HandlerRun
  readonly patience: number
}

interface Awaited extends Pick<Refresh, 'route' | 'incoming' | 'how'> {
  reached(handled: Promise<Handled>): void
}

/** No client can be in here, whatever it sends. */
const refreshes = onePerProcess('nestjs.refreshes', () => new WeakMap<IncomingMessage, Awaited>())

/**
 * Sends the request of a client through the whole application once more, guards included, without the client.
 *
 * @returns what the handler answers; rejects if it is not reached
 */
export function refreshThrough(
  server: Server,
  { platform, patience, ...refresh }: Refresh & { readonly platform: Platform },
): Promise<Handled> {
  return new Promise((resolve, reject) => {
    const { req } = platform
    const { how, incoming } = refresh
    const request = requestForNobody(req, {
      method: 'GET',
      target: targetOf(platform),
      isEncrypted: incoming.scheme === 'https',
      isHidden: how.isHidden,
      // what parses cookies in front is to find those that select the response
      replaced: how.replaced.filter(([name]) => name === 'cookie'),
    })
    let isReached = false
    const ended = (): void => {
      if (!isReached) reject(new NotReached())
    }
    const reached = (handled: Promise<Handled>): void => {
      isReached = true
      handled.then(resolve, reject)
    }
    const response = responseForNobody(request, { patience, ended })
    refreshes.set(request, { ...refresh, reached })
    server.emit('request', request, response)
  })
}

/** Runs the handler. */
export type Handle = (how: HandlerRun, captured: CapturedResponse) => Observable<unknown>

interface Run extends Pick<Refresh, 'route' | 'incoming' | 'patience'> {
  readonly handled: Handle
}

/**
 * Takes up a refresh that has come to its route.
 *
 * @returns `undefined` for a request that is none
 */
export function takeUpRefresh(
  platform: Platform,
  { route, incoming, patience, handled }: Run,
): Observable<unknown> | undefined {
  const { req } = platform
  const refresh = refreshes.get(req)
  // what has become of another route, or of another request, is not what was asked for
  if (refresh?.route !== route || !route.isSame(incoming, refresh.incoming)) return undefined
  refreshes.delete(req)
  const { how, reached } = refresh
  const answered = defer(() => {
    const captured = captureResponse(platform, {
      how,
      patience,
      cancelled: () => captured.breakOff(new Error('What is written is not stored')),
    })
    reached(captured.outgoing)
    // what stands in front adds to a head also where nobody gets it
    Promise.all([captured.outgoing, captured.ended])
      .then(([answer]) => captured.send({ ...answer, body: null }))
      .catch(() => captured.fail())
    return handled(how, captured)
  })
  return boundHere(answered)
}
