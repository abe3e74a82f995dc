import type { Handled, HandlerRun } from '@shelflife/http'
import { NotReached } from '@shelflife/http'
import { requestForNobody, responseForNobody } from '@shelflife/node-http'
import type { IncomingMessage, Server } from 'node:http'
import type { Observable } from 'rxjs'
import { defer } from 'rxjs'

import { captureResponse } from './captured-response.ts'
import type { Platform } from './platform.ts'

/** A run of a route for nobody. */
interface Refresh {
  /** What it is for. */
  readonly route: object
  readonly how: HandlerRun
  readonly patience: number
}

interface Awaited extends Pick<Refresh, 'route' | 'how'> {
  resolve(handled: Promise<Handled>): void
}

/** No client can be in here, whatever it sends. */
const refreshes = new WeakMap<IncomingMessage, Awaited>()

/**
 * Sends the request of a client through the whole application once more, guards included, without the client.
 *
 * @returns what the handler answers; rejects if it is not reached
 */
export function refreshThrough(
  server: Server,
  { platform, route, how, patience }: Refresh & { readonly platform: Platform },
): Promise<Handled> {
  return new Promise((resolve, reject) => {
    const { request: seen, req } = platform
    const request = requestForNobody(req, {
      method: 'GET',
      target: seen.originalUrl ?? req.url ?? '',
      isEncrypted: seen.protocol === 'https',
      isHidden: how.isHidden,
    })
    const ended = (): void => reject(new NotReached())
    const response = responseForNobody(request, { patience, ended })
    refreshes.set(request, { route, how, resolve })
    server.emit('request', request, response)
  })
}

interface Run extends Pick<Refresh, 'route' | 'patience'> {
  /** Runs the handler. */
  readonly handled: (how: HandlerRun) => Observable<unknown>
}

/**
 * Takes up a refresh that has come to its route.
 *
 * @returns `undefined` for a request that is none
 */
export function takeUpRefresh(platform: Platform, { route, patience, handled }: Run): Observable<unknown> | undefined {
  const { req } = platform
  const refresh = refreshes.get(req)
  if (refresh?.route !== route) return undefined
  refreshes.delete(req)
  const { how, resolve } = refresh
  return defer(() => {
    const captured = captureResponse(platform, {
      how,
      patience,
      cancelled: () => captured.breakOff(new Error('What is written is not stored')),
    })
    resolve(captured.outgoing)
    // nobody gets it
    void captured.ended.then(() => captured.send({ status: 204, headers: [], body: null }))
    return handled(how)
  })
}
