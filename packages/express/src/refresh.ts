import { onePerProcess } from '@shelflife/core/integration'
import type { Handled, HandlerRun, Incoming, Route } from '@shelflife/http'
import { NotReached } from '@shelflife/http'
import { asMade, requestForNobody, responseForNobody } from '@shelflife/node-http'
import type { Application, Request, RequestHandler, Response } from 'express'

import { applicationsOf } from './applications-of.ts'
import { captureResponse } from './captured-response.ts'
import { takeDecisionsOf } from './decisions-of.ts'
import { incomingOf } from './incoming-of.ts'

/** A route, whatever its requests are. */
type AnyRoute = Pick<Route<never>, 'isSame'>

/** A run of a route for nobody. */
interface Refresh {
  /** The middleware that it is for. */
  readonly route: AnyRoute
  /** What was asked for. */
  readonly incoming: Incoming
  /** Under what the middleware was mounted for it. */
  readonly baseUrl: string
  readonly how: HandlerRun
  readonly patience: number
  /** Takes what the handler answers. */
  reached(handled: Promise<Handled>): void
}

/** No client can be in here, whatever it sends. */
const refreshes = onePerProcess('express.refreshes', () => new WeakMap<object, Refresh>())

/**
 * Sends the request of a client through the whole application once more, without the client.
 *
 * @returns what the handler behind the middleware answers; rejects if it is not reached
 */
export function refreshThrough({
  req,
  ...refresh
}: Omit<Refresh, 'reached'> & { readonly req: Request }): Promise<Handled> {
  return new Promise((resolve, reject) => {
    const { how, patience, incoming } = refresh
    const { method, target, scheme } = incoming
    // what parses cookies in front is to find those that select the response
    const replaced = how.replaced.filter(([name]) => name === 'cookie')
    const isEncrypted = scheme === 'https'
    const request = requestForNobody(req, { method, target, isEncrypted, isHidden: how.isHidden, replaced })
    let isReached = false
    const ended = (): void => {
      if (!isReached) reject(new NotReached())
    }
    const response = responseForNobody(request, { patience, ended })
    const reached = (handled: Promise<Handled>): void => {
      isReached = true
      handled.then(resolve, reject)
    }
    refreshes.set(request, { ...refresh, reached })
    const app = applicationsOf(asMade(req).app as Application).at(-1) as unknown as RequestHandler
    void app(request as Request, response as Response, (error?: unknown) => {
      // a guard may refuse by an error as well
      reject(isReached && error !== undefined ? error : new NotReached())
    })
  })
}

/**
 * Takes up a refresh that has come to a middleware of a cache.
 *
 * @returns whether the request is one; others of the same request have nothing to do
 */
export function takeUpRefresh(
  route: AnyRoute,
  { req, res, next }: { req: Request; res: Response; next: () => void },
): boolean {
  const refresh = refreshes.get(req)
  if (refresh === undefined) return false
  if (refresh.route !== route) {
    next()
    return true
  }
  const incoming = incomingOf(req, res)
  const isSame = incoming.method === refresh.incoming.method && route.isSame(incoming, refresh.incoming)
  // an application that another one calls by itself, and does not mount, gets the whole path: other routes answer it
  if (!isSame || req.baseUrl !== refresh.baseUrl) {
    // it would be stored in the place of what was asked for
    res.destroy()
    return true
  }
  const { how, patience } = refresh
  const captured = captureResponse({ req, res, how, patience })
  takeDecisionsOf(res, { route, decisions: how.decisions })
  refresh.reached(captured.outgoing)
  // what stands in front of the cache adds to a head also where nobody gets it
  Promise.all([captured.outgoing, captured.ended])
    .then(([handled]) => captured.send({ ...handled, body: null }))
    .catch((error: unknown) => captured.fail(error))
  next()
  return true
}
