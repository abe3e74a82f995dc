import type { HandlerRun, Incoming } from '@shelflife/http'
import { pathsLeft, WHO_ASKS } from '@shelflife/http'
import {
  areOfPath,
  asMade,
  changedInJars,
  isAsSet,
  isEmpty,
  isOfResponse,
  isPlain,
  JARS,
  OF_EVERY_REQUEST,
  OF_EXPRESS,
  oddJars,
  replacedOn,
  texts,
  watchHeadersSet,
  watchProperties,
} from '@shelflife/node-http'
import type { Application, Request, Response } from 'express'
import { isDeepStrictEqual, types } from 'node:util'

import { applicationsOf } from './applications-of.ts'

type ParseQuery = (query: string | null) => unknown

const queryIn = (url: string): string | null => {
  const mark = url.indexOf('?')
  return mark === -1 ? null : url.slice(mark + 1)
}

const hasNoQuery = (target: unknown): boolean => typeof target !== 'string' || !target.includes('?')

/** Express 4 keeps the query on the request: that is the URI, unless somebody has changed it. */
function isOfUrl(query: unknown, req: Request): boolean {
  const { originalUrl, url } = req
  if (hasNoQuery(url) && hasNoQuery(originalUrl) && isEmpty(query)) return true
  const targets = texts(originalUrl, url)
  const { app } = asMade(req)
  const parsers = applicationsOf(app as Application).map((one) => one.get('query parser fn') as ParseQuery | undefined)
  return parsers.some((parse) =>
    targets.some((any) => parse !== undefined && isDeepStrictEqual(parse(queryIn(any)), query)),
  )
}

/** Whether parameters are what the router of Express has found, in the path of the route or of those around it. */
function areOfRoute({ params, route, url, baseUrl }: Request): boolean {
  const { path: pattern } = Object(route) as { readonly path?: unknown }
  return areOfPath(params, { pattern, target: url, base: baseUrl })
}

function isOfRequest(req: Request, res: Response, name: string | symbol): boolean {
  if (name === 'query') return isOfUrl(req.query, req)
  if (name === 'params') return areOfRoute(req)
  if (name === 'body') return isEmpty(req.body)
  return (OF_EVERY_REQUEST.has(name) || OF_EXPRESS.has(name)) && isAsSet(req, res, name)
}

/** What routers and parsers leave behind on every request, and anybody can change. */
const CHANGEABLE = ['body', 'params', 'query'] as const

/** Of cookies each is told by its name. */
const HERE: ReadonlySet<string | symbol> = new Set([...OF_EVERY_REQUEST, ...OF_EXPRESS, ...CHANGEABLE, ...JARS])

/** How that is called of which nobody can say what it has. */
const INVENTED = 'Proxy'

/** Whether an application was called with something that makes its properties up when they are read. */
const isInvented = (req: Request, res: Response): boolean => types.isProxy(req) || types.isProxy(res)

/** What of it is not as the request says, as an object that has these names; `undefined` for nothing. */
function changedOn(req: Request, res: Response): object | undefined {
  let changed: Record<string, true> | undefined
  for (const names of [replacedOn(req, res), oddJars(req)]) for (const name of names) (changed ??= {})[name] = true
  if (isInvented(req, res)) (changed ??= {})[INVENTED] = true
  for (const name of CHANGEABLE) {
    // in Express 5 the query is made of the URL each time
    if (name === 'query' && !Object.hasOwn(req, name)) continue
    const isThere = req[name] !== undefined || (name === 'params' && Object.hasOwn(req, name))
    if (isThere && !isOfRequest(req, res, name)) (changed ??= {})[name] = true
  }
  return changed
}

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
export function leftInFront(req: Request, res: Response): Incoming['left'] {
  return leftOn([req, res, Object(res.locals) as object, changedInJars(req, req), changedOn(req, res)], res.statusCode)
}

/** That nobody asks, and that there is no cookie, are answers too. */
const WATCHED: readonly string[] = [...WHO_ASKS, ...JARS]

/**
 * Tells what the handler reads of what something in front of the cache has left on the request, the response and its
 * locals.
 *
 * @returns what ends it
 */
export function watchInFront(
  { req, res }: { readonly req: Request; readonly res: Response },
  note: NonNullable<HandlerRun['noteInput']>,
): () => void {
  const { locals } = res
  function isOfAnswer(name: string | symbol): boolean {
    if (name === 'locals') return isPlain(locals)
    if (name === 'req') return res.req === req
    return name === 'statusMessage' || isOfResponse(res, name)
  }
  if (isInvented(req, res)) note(`req.${INVENTED}`)
  // what sends an answer reads and sets it, so that nothing tells who else does
  if (res.statusMessage) note('res.statusMessage')
  const ends = [
    watchHeadersSet(res, { note }),
    watchProperties(req, { path: 'req', isOfFramework: (name) => isOfRequest(req, res, name), absent: WATCHED, note }),
    watchProperties(res, { path: 'res', isOfFramework: isOfAnswer, note }),
    ...(isPlain(locals)
      ? [watchProperties(Object(locals) as object, { path: 'res.locals', isOfFramework: () => false, note })]
      : []),
  ]
  return () => {
    for (const end of ends) end()
  }
}
