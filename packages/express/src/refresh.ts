import type { HandlerRun, Incoming, Outgoing } from '@shelflife/http'
import type { Request, RequestHandler, Response } from 'express'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

import { captureResponse } from './captured-response.ts'
import { takeDecisionsOf } from './decisions-of.ts'

/** A run of a route for nobody. */
interface Refresh {
  /** The middleware that it is for. */
  readonly route: object
  readonly how: HandlerRun
  readonly patience: number
  resolve(outgoing: Outgoing): void
}

/** No client can be in here, whatever it sends. */
const refreshes = new WeakMap<object, Refresh>()

type App = RequestHandler & { readonly parent?: App }

/** The application that requests come in by. */
function outermost(app: App): App {
  return app.parent === undefined ? app : outermost(app.parent)
}

/** What is seen of the connection of the client, without a connection. */
function socketLike({ remoteAddress }: Socket, isEncrypted: boolean): Socket {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, written) => written() })
  const same = () => nowhere
  return Object.assign(nowhere, {
    remoteAddress,
    encrypted: isEncrypted,
    setTimeout: same,
    setNoDelay: same,
    setKeepAlive: same,
  }) as unknown as Socket
}

/** The request anew, without what only its client may send. */
function anonymous(
  req: Request,
  { incoming, hidden }: { incoming: Incoming; hidden: readonly string[] },
): IncomingMessage {
  // where the proxy is trusted it says the same again, and where it is not nobody does
  const request = new IncomingMessage(socketLike(req.socket, incoming.scheme === 'https'))
  const raw = req.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 && !hidden.includes(name.toLowerCase()) ? [name, all[i + 1] ?? ''] : [],
  )
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !hidden.includes(name)))
  Object.assign(request, { method: incoming.method, url: incoming.target, httpVersion: '1.1', complete: true })
  Object.assign(request, { httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders: raw, headers })
  request.push(null)
  return request
}

/**
 * Sends the request of a client through the whole application once more, without the client.
 *
 * @returns what the handler behind the middleware answers; rejects if it is not reached
 */
export function refreshThrough({
  req,
  incoming,
  ...refresh
}: Omit<Refresh, 'resolve'> & { readonly req: Request; readonly incoming: Incoming }): Promise<Outgoing> {
  return new Promise((resolve, reject) => {
    const request = anonymous(req, { incoming, hidden: refresh.how.hidden })
    const response = new ServerResponse(request)
    // what never ends would be kept for ever: no client gives it up
    const limit = setTimeout(() => request.socket.destroy(), refresh.patience)
    limit.unref()
    response.once('close', () => {
      clearTimeout(limit)
      reject(new Error('the refresh did not get to the handler'))
    })
    response.once('finish', () => request.socket.destroy())
    response.assignSocket(request.socket)
    refreshes.set(request, { ...refresh, resolve })
    void outermost(req.app as App)(request as Request, response as Response, (error?: unknown) => {
      reject(error ?? new Error('the refresh did not get to the handler'))
    })
  })
}

/**
 * Takes up a refresh that has come to a middleware of a cache.
 *
 * @returns whether the request is one; others of the same request have nothing to do
 */
export function takeUpRefresh(
  route: object,
  { req, res, next }: { req: Request; res: Response; next: () => void },
): boolean {
  const refresh = refreshes.get(req)
  if (refresh === undefined) return false
  if (refresh.route !== route) {
    next()
    return true
  }
  const { how, patience } = refresh
  const captured = captureResponse({ req, res, how, patience })
  takeDecisionsOf(res, how.decisions)
  captured.outgoing.then(refresh.resolve, () => {})
  void captured.ended.then(() => captured.send({ status: 200, headers: [], body: null }))
  next()
  return true
}
