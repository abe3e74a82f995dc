import type { HandlerRun } from '@shelflife/http'
import { watchProperties, WHO_ASKS } from '@shelflife/node-http'
import type { Application, Request } from 'express'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

import { applicationsOf } from './applications-of.ts'

/** What every request has of Node and Express. Cookies are an input as a header, and shown as far as they are declared. */
const OF_EVERY_REQUEST: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(new IncomingMessage(new Socket())),
  ...['app', 'baseUrl', 'next', 'originalUrl', 'params', 'res', 'route'],
  ...['cookies', 'signedCookies'],
])

/** What the router of Express calls the symbols of its own. */
const OF_ROUTER = /^router\./

type ParseQuery = (query: string | null) => unknown

const queryIn = (url: string): string | null => {
  const mark = url.indexOf('?')
  return mark === -1 ? null : url.slice(mark + 1)
}

/** Express 4 keeps the query on the request: that is the URI, unless somebody has changed it. */
function isOfUrl(query: unknown, { originalUrl, url, app }: Request): boolean {
  const parsers = applicationsOf(app as Application).map((one) => one.get('query parser fn') as ParseQuery | undefined)
  return parsers.some((parse) =>
    [originalUrl, url].some((any) => parse !== undefined && isDeepStrictEqual(parse(queryIn(any)), query)),
  )
}

/** Parsers leave something behind even where there is no body. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' ? Object.keys(body).length === 0 : body === '')

/**
 * Tells what the handler reads of what something in front of the cache has left on the request and in the locals of its
 * response.
 *
 * @returns what ends it
 */
export function watchInFront(req: Request, note: NonNullable<HandlerRun['noteInput']>): () => void {
  const isOfFramework = (name: string | symbol): boolean => {
    if (name === 'query') return isOfUrl(req.query, req)
    if (name === 'body') return isEmpty(req.body)
    return OF_EVERY_REQUEST.has(name) || (typeof name === 'symbol' && OF_ROUTER.test(name.description ?? ''))
  }
  const endOfRequest = watchProperties(req, { path: 'req', isOfFramework, absent: WHO_ASKS, note })
  const locals = req.res?.locals ?? {}
  const endOfLocals = watchProperties(locals, { path: 'res.locals', isOfFramework: () => false, note })
  return () => {
    endOfLocals()
    endOfRequest()
  }
}
