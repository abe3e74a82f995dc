import type { Decisions, HandlerRun, Outgoing } from '@shelflife/http'
import { NotReached, requestFor } from '@shelflife/http'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { matchedRoutes } from 'hono/route'

import { executionOf } from './execution.ts'

/** A refresh on its way through the middlewares in front of `cache()`. */
export interface Refresh {
  readonly how: HandlerRun
  deliver(outgoing: Outgoing): void
}

/** By their requests: no header marks them, so no client can forge one. */
const refreshes = new WeakMap<Request, Refresh>()

/** What a request refreshes; `undefined` for those of clients. */
export const refreshOf = (request: Request): Refresh | undefined => refreshes.get(request)

/** With parameters by value, not by index. */
type Match = Extract<ReturnType<Hono['router']['match']>, [unknown]>

/** What was matched for a request, with each parameter as the path had it: reading them decodes them. */
function matchOf(c: Context): Match {
  const { req } = c
  const at = req.routeIndex
  const match = matchedRoutes(c).map((route, i): Match[0][number] => {
    req.routeIndex = i
    const params = Object.entries<string>(req.param()).map(([name, value]) => [name, encodeURIComponent(value)])
    return [[route.handler, route], Object.fromEntries(params)]
  })
  req.routeIndex = at
  return [match]
}

/** An app that has one route: the one that was matched for a request. */
function appFor(c: Context, decisions: Decisions): Hono {
  const match = matchOf(c)
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

/** On Node the environment is the connection of the client, which a refresh has none of. */
function withoutClient(env: unknown): unknown {
  if (typeof env !== 'object' || env === null || !('incoming' in env)) return env
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'incoming' && name !== 'outgoing'))
}

/**
 * Runs all that was matched for a request anew: for nobody, with a request and a context of its own. Resolves with what
 * comes after `cache()`.
 *
 * @throws Error where a middleware in front of `cache()` answers nobody
 */
export function refresh(c: Context, how: HandlerRun): Promise<Outgoing> {
  const { url, raw } = c.req
  const request = requestFor(new Request(url, { headers: raw.headers }), { ...how, noteRead: undefined })
  return new Promise((resolve, reject) => {
    refreshes.set(request, { how, deliver: resolve })
    const ended = (): void => reject(new NotReached())
    const app = appFor(c, how.decisions)
    Promise.resolve(app.fetch(request, withoutClient(c.env), executionOf(c))).then(ended, reject)
  })
}
