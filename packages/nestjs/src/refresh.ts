import type { HandlerRun, Outgoing } from '@shelflife/http'
import type { Server } from 'node:http'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

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

/** What is seen of the connection of the client, without a connection. */
function socketLike({ remoteAddress }: Socket, isEncrypted: boolean): Socket {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, written) => written() })
  const same = (): unknown => nowhere
  return Object.assign(nowhere, {
    remoteAddress,
    encrypted: isEncrypted,
    setTimeout: same,
    setNoDelay: same,
    setKeepAlive: same,
  }) as unknown as Socket
}

/** The request anew, without what only its client may send. */
function anonymous({ request, req }: Platform, hidden: readonly string[]): IncomingMessage {
  const made = new IncomingMessage(socketLike(req.socket, request.protocol === 'https'))
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !hidden.includes(name)))
  const rawHeaders = req.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 && !hidden.includes(name.toLowerCase()) ? [name, all[i + 1] ?? ''] : [],
  )
  const url = request.originalUrl ?? req.url
  Object.assign(made, { method: 'GET', url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
  Object.assign(made, { headers, rawHeaders, complete: true })
  made.push(null)
  return made
}

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
    const request = anonymous(platform, refresh.how.hidden)
    const response = new ServerResponse(request)
    // what never ends would be kept for ever: no client gives it up
    const limit = setTimeout(() => request.socket.destroy(), refresh.patience).unref()
    response.once('close', () => {
      clearTimeout(limit)
      reject(new Error('the refresh did not get to the handler'))
    })
    response.once('finish', () => request.socket.destroy())
    response.assignSocket(request.socket)
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
