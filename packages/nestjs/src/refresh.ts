import type { HandlerRun, Outgoing } from '@shelflife/http'
import { NotReached } from '@shelflife/http'
import { requestForNobody, responseForNobody } from '@shelflife/node-http'
import type { IncomingMessage, Server } from 'node:http'

import { captureResponse } from './captured-response.ts'
import type { Platform } from './platform.ts'

/** A run of a route for nobody. */
interface Refresh {
  /** What it is for. */
  readonly route: object
  readonly how: HandlerRun
  readonly patience: number
  resolve(outgoing: Outgoing): void
}

/** No client can be in here, whatever it sends. */
const refreshes = new WeakMap<IncomingMessage, Refresh>()

/**
 * Sends the request of a client through the whole application once more, guards included, without the client.
 *
 * @returns what the handler answers; rejects if it is not reached
 */
export function refreshThrough(
  server: Server,
  { platform, ...refresh }: Omit<Refresh, 'resolve'> & { readonly platform: Platform },
): Promise<Outgoing> {
  return new Promise((resolve, reject) => {
    const { request: seen, req } = platform
    const { how, patience } = refresh
    const request = requestForNobody(req, {
      method: 'GET',
      target: seen.originalUrl ?? req.url ?? '',
      isEncrypted: seen.protocol === 'https',
      isHidden: how.isHidden,
    })
    const ended = (): void => reject(new NotReached())
    const response = responseForNobody(request, { patience, ended })
    refreshes.set(request, { ...refresh, resolve })
    server.emit('request', request, response)
  })
}

/**
 * Takes up a refresh that has come to its route.
 *
 * @returns whether the request is one
 */
export function takeUpRefresh(platform: Platform, route: object, run: (how: HandlerRun) => void): boolean {
  const refresh = refreshes.get(platform.req)
  if (refresh === undefined || refresh.route !== route) return refresh !== undefined
  const { how, patience, resolve } = refresh
  const captured = captureResponse(platform, { how, patience })
  captured.outgoing.then(resolve, () => {})
  // nobody gets it
  void captured.ended.then(() => captured.send({ status: 204, headers: [], body: null }))
  run(how)
  return true
}
