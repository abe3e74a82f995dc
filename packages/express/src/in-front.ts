import type { HandlerRun, Incoming } from '@shelflife/http'
import { pathsLeft, WHO_ASKS } from '@shelflife/http'
import {
  areOfPath,
  changedCookies,
  changedInJars,
  isEmpty,
  isPlain,
  watchHeadersSet,
  watchProperties,
} from '@shelflife/node-http'
import type { Application, Request, Response } from 'express'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

import { applicationsOf } from './applications-of.ts'

/** What every request has of Node and Express. */
const OF_EVERY_REQUEST: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(new IncomingMessage(new Socket())),
  // once somebody listens
  '_eventsCount',
  'app',
  'baseUrl',
  'next',
  'originalUrl',
  'res',
  'route',
])

const OF_EVERY_RESPONSE: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(new ServerResponse(new IncomingMessage(new Socket()))),
  '_maxRequestsPerSocket',
  'locals',
  'req',
  // of compression and on-finished
  'flush',
  '__onFinished',
])

type ParseQuery = (query: string | null) => unknown

const queryIn = (url: string): string | null => {
  const mark = url.indexOf('?')
  return mark === -1 ? null : url.slice(mark + 1)
}

/** Express 4 keeps the query on the request: that is the URI, unless somebody has changed it. */
function isOfUrl(query: unknown, { originalUrl, url, app }: Request): boolean {
  if (!originalUrl.includes('?') && !url.includes('?') && isEmpty(query)) return true
  const parsers = applicationsOf(app as Application).map((one) => one.get('query parser fn') as ParseQuery | undefined)
  return parsers.some((parse) =>
    [originalUrl, url].some((any) => parse !== undefined && isDeepStrictEqual(parse(queryIn(any)), query)),
  )
}

/** Whether parameters are what the router of Express has found, in the path of the route or of those around it. */
function areOfRoute({ params, route, url, baseUrl, originalUrl }: Request): boolean {
  const { path: pattern } = Object(route) as { readonly path?: unknown }
  return areOfPath(params, { pattern, target: url, others: [baseUrl, originalUrl] })
}

function isOfRequest(req: Request, name: string | symbol): boolean {
  if (name === 'query') return isOfUrl(req.query, req)
  if (name === 'params') return areOfRoute(req)
  if (name === 'body') return isEmpty(req.body)
  // an input as a header, and shown as far as they are declared
  if (name === 'cookies' || name === 'signedCookies') return changedCookies(req, req).length === 0
  return OF_EVERY_REQUEST.has(name)
}

/** What routers and parsers leave behind on every request, and anybody can change. */
const CHANGEABLE = ['body', 'params', 'query'] as const

/** Of cookies each is told by its name. */
const HERE: ReadonlySet<string | symbol> = new Set([...OF_EVERY_REQUEST, ...CHANGEABLE, 'cookies', 'signedCookies'])

/** What of it is not as the request says, as an object that has these names; `undefined` for nothing. */
function changedOn(req: Request): object | undefined {
  let changed: Record<string, true> | undefined
  for (const name of CHANGEABLE) {
    // in Express 5 the query is made of the URL each time
    if (name === 'query' && !Object.hasOwn(req, name)) continue
    if (req[name] !== undefined && !isOfRequest(req, name)) (changed ??= {})[name] = true
  }
  return changed
}

/** Who wraps a method of the response changes what is sent and not what it is made of. */
const isOfResponse = (res: object, name: string | symbol): boolean =>
  OF_EVERY_RESPONSE.has(name) || name in (Object.getPrototypeOf(res) as object)

const leftOn = pathsLeft({
  places: [
    { path: 'req', isOfFramework: (_req, name) => HERE.has(name) },
    { path: 'res', isOfFramework: isOfResponse },
    { path: 'res.locals', isOfFramework: () => false, isWhole: true },
    { path: 'req.cookies', isOfFramework: () => false },
    { path: 'req', isOfFramework: () => false },
  ],
  status: 'res.statusCode',
})

/** What is there for this client, and perhaps for no other: an answer can be made of that, too. */
export function leftInFront(req: Request): Incoming['left'] {
  const res = req.res as Response
  return leftOn([req, res, Object(res.locals) as object, changedInJars(req, req), changedOn(req)], res.statusCode)
}

/**
 * Tells what the handler reads of what something in front of the cache has left on the request, the response and its
 * locals.
 *
 * @returns what ends it
 */
export function watchInFront(req: Request, note: NonNullable<HandlerRun['noteInput']>): () => void {
  const res = req.res as Response
  const { locals } = res
  const isWatched = (name: string | symbol): boolean => name === 'locals' && !isPlain(locals)
  const ends = [
    watchHeadersSet(res, { note }),
    watchProperties(req, { path: 'req', isOfFramework: (name) => isOfRequest(req, name), absent: WHO_ASKS, note }),
    watchProperties(res, { path: 'res', isOfFramework: (name) => isOfResponse(res, name) && !isWatched(name), note }),
    ...(isPlain(locals)
      ? [watchProperties(Object(locals) as object, { path: 'res.locals', isOfFramework: () => false, note })]
      : []),
  ]
  return () => {
    for (const end of ends) end()
  }
}
