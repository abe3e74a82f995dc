import type { HandlerRun, Incoming, Outgoing } from '@shelflife/http'
import { NotReached } from '@shelflife/http'
import { requestForNobody, responseForNobody } from '@shelflife/node-http'
import type { Request, RequestHandler, Response } from 'express'

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
    const { method, target, scheme } = incoming
    const { how, patience } = refresh
    const request = requestForNobody(req, { method, target, isEncrypted: scheme === 'https', isHidden: how.isHidden })
    const ended = (): void => reject(new NotReached())
    const response = responseForNobody(request, { patience, ended })
    refreshes.set(request, { ...refresh, resolve })
    void outermost(req.app as App)(request as Request, response as Response, (error?: unknown) => {
      reject(error ?? new NotReached())
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
