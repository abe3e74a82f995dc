import { onePerProcess } from '@shelflife/core/integration'
import type { Decisions, Exchange, HandlerRun, HeaderList, Incoming, Outgoing } from '@shelflife/http'
import { addedTo, NotReached, requestFor } from '@shelflife/http'
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { RouterRoute } from 'hono/types'

import { withoutClient } from './environment.ts'
import { executionOf } from './execution.ts'

/** What a refresh came to. */
interface Delivered {
  readonly outgoing: Outgoing
  /** Its fields, and those of the middlewares in front. */
  readonly given: HeaderList
  /** The middlewares in front are through with it. */
  goOn(): void
}

/** A refresh on its way through the middlewares in front of `cache()`. */
export interface Refresh {
  /** What was asked for. */
  readonly incoming: Incoming
  readonly how: HandlerRun
  /** The middlewares in front have let it through. */
  reached(): void
  deliver(delivered: Delivered): void
}

/** By their requests: no header marks them, so no client can forge one. */
const refreshes = onePerProcess('hono.refreshes', () => new WeakMap<Request, Refresh>())

/** What a request refreshes; `undefined` for those of clients. */
export const refreshOf = (request: Request): Refresh | undefined => refreshes.get(request)

/** With parameters by value, not by index. */
type Match = Extract<ReturnType<Hono['router']['match']>, [unknown]>

/** What was matched for a request, also where the app is of another copy of Hono; `undefined` where nothing tells. */
const routesOf = ({ req }: Context): readonly RouterRoute[] | undefined =>
  // the helper that is to replace it knows only contexts of its own copy
  (req as Partial<typeof req>).matchedRoutes

/** The same, with each parameter as the path had it: reading them decodes them. */
function matchOf({ req }: Context, routes: readonly RouterRoute[]): Match {
  const at = req.routeIndex
  const match = routes.map((route, i): Match[0][number] => {
    req.routeIndex = i
    const params = Object.entries<string>(req.param()).map(([name, value]) => [name, encodeURIComponent(value)])
    return [[route.handler, route], Object.fromEntries(params)]
  })
  req.routeIndex = at
  return [match]
}

/** An app that has one route: the one that was matched for a request. */
function appFor(c: Context, routes: readonly RouterRoute[], decisions: Decisions): Hono {
  const match = matchOf(c, routes)
  const router = { name: 'matched', add() {}, match: () => match }
  const app = new Hono({ router, getPath: () => c.req.path })
  // only the app itself knows what it says to these: the next request asks it
  app.notFound((fresh) => {
    decisions.noStore()
    return fresh.text('404 Not Found', 404)
  })
  app.onError((error) => {
    if (!('getResponse' in error)) throw error
    decisions.noStore()
    return error.getResponse()
  })
  return app
}

/**
 * Runs all that was matched for a request anew: for nobody, with a request and a context of its own. Resolves with what
 * comes after `cache()`, when the middlewares in front of it are through. `undefined` where Hono does not tell what was
 * matched.
 *
 * @throws NotReached where a middleware in front of `cache()` answers or throws, or has left something else for the handler
 */
export function refreshFor(c: Context, incoming: Incoming): Exchange['refresh'] {
  const routes = routesOf(c)
  if (routes === undefined) return undefined
  const { url, raw } = c.req
  return async (how) => {
    const request = requestFor({ url, method: 'GET', headers: raw.headers }, { ...how, noteRead: undefined })
    let delivered: Delivered | undefined
    let isReached = false
    const reached = (): void => void (isReached = true)
    refreshes.set(request, { incoming, how, reached, deliver: (one) => (delivered = one) })
    let sent: Headers
    try {
      ;({ headers: sent } = await appFor(c, routes, how.decisions).fetch(request, withoutClient(c.env), executionOf(c)))
    } catch (error) {
      // a guard may refuse by an error as well
      throw isReached ? error : new NotReached()
    }
    if (delivered === undefined) throw new NotReached()
    const { outgoing, given, goOn } = delivered
    goOn()
    return { ...outgoing, addedLater: Promise.resolve(addedTo(given, [...sent])) }
  }
}
