import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

import { pathsLeft } from '@shelflife/http'
import { areOfPath, areOfQuery, isEmpty } from '@shelflife/node-http'

import type { Platform } from './platform.ts'

const node = new IncomingMessage(new Socket())

/** What is made of the URI, or is the client's part of a connection, which is watched itself. */
const OF_REQUEST: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(node),
  // once somebody listens
  '_eventsCount',
  'app',
  'baseUrl',
  'next',
  'originalUrl',
  'res',
  'route',
  // of Fastify, of Nest, and of what lets middlewares of Express run on Fastify
  'hosts',
  'id',
  'log',
  'raw',
])

/** What lets middlewares of Express run on Fastify copies from its request. */
const COPIED: ReadonlySet<string | symbol> = new Set(['hostname', 'protocol'])

const OF_RESPONSE: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(new ServerResponse(node)),
  '_maxRequestsPerSocket',
  'locals',
  'log',
  'raw',
  'req',
  'request',
  // of compression and on-finished
  'flush',
  '__onFinished',
])

/** What Nest and Fastify call the symbols of their own on requests and replies, and plugins of Fastify theirs. */
const SYMBOLS =
  /^(?:REQUEST_CONTEXT_ID|fastify\.(?:context|RequestAcceptVersion|RequestPayloadStream|(?:request|reply)\..+))$/

/** The same of HTTP/2 in Node. */
const SYMBOLS_OF_HTTP2 = /^(?:state|headers|rawHeaders|trailers|rawTrailers|stream|aborted)$/

function isOfSymbols(object: object, name: string | symbol): boolean {
  if (typeof name === 'string') return false
  const { description = '' } = name
  const isOfNode = object instanceof IncomingMessage || object instanceof ServerResponse
  return SYMBOLS.test(description) || (!isOfNode && SYMBOLS_OF_HTTP2.test(description))
}

const CONTAINERS: ReadonlySet<string | symbol> = new Set(['body', 'cookies', 'signedCookies'])

/** Old versions of Express keep the query on the request: that is the URI, unless somebody has changed it. */
function isQueryOfUri({ request, req, reply }: Platform, query: unknown): boolean {
  if (!(request.originalUrl ?? '').includes('?') && !(req.url ?? '').includes('?') && isEmpty(query)) return true
  if (reply !== undefined) return areOfQuery(query, req.url ?? '')
  const parse = request.app?.get('query parser fn') as ((query: string | null) => unknown) | undefined
  return [request.originalUrl ?? '', req.url ?? ''].some((url) => {
    const mark = url.indexOf('?')
    return isDeepStrictEqual(parse?.(mark === -1 ? null : url.slice(mark + 1)), query)
  })
}

/** What both platforms tell of the route of a request. */
interface OfRoute {
  /** Express only. */
  readonly route?: { readonly path?: unknown }
  /** Fastify only. */
  readonly routeOptions?: { readonly url?: unknown }
}

function areOfRoute({ request, req, reply }: Platform, params: unknown): boolean {
  const { baseUrl = '', originalUrl = '' } = request
  const { route, routeOptions } = request as OfRoute
  const pattern = reply === undefined ? route?.path : routeOptions?.url
  return areOfPath(params, { pattern, target: req.url ?? '', others: [baseUrl, originalUrl] })
}

/** Whether a property of a request, of the platform or of Node, is there without anybody's doing. */
export function isOfRequest(platform: Platform, object: object, name: string | symbol): boolean {
  if (name === 'query') return isQueryOfUri(platform, Reflect.get(object, name))
  if (name === 'params') return areOfRoute(platform, Reflect.get(object, name))
  if (COPIED.has(name) && object !== platform.request) {
    return Reflect.get(object, name) === Reflect.get(platform.request, name)
  }
  if (CONTAINERS.has(name)) return isEmpty(Reflect.get(object, name))
  return OF_REQUEST.has(name) || isOfSymbols(object, name)
}

/** The same of a response. Who wraps a method changes what is sent, and not what it is made of. */
export const isOfResponse = (object: object, name: string | symbol): boolean =>
  OF_RESPONSE.has(name) || isOfSymbols(object, name) || name in (Object.getPrototypeOf(object) as object)

/** What routers and parsers leave behind on every request, and anybody can change. */
const CHANGEABLE = ['body', 'params', 'query'] as const

/** Of cookies each is told by its name. */
const HERE: ReadonlySet<string | symbol> = new Set([...OF_REQUEST, ...CONTAINERS, ...CHANGEABLE])

/** What of it is not as the request says, as an object that has these names; `undefined` for nothing. */
export function changedOn(platform: Platform, object: object): object | undefined {
  const names = CHANGEABLE.filter(
    (name) => (Reflect.get(object, name) ?? undefined) !== undefined && !isOfRequest(platform, object, name),
  )
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]))
}

/** The same of the request of Node beneath that of Fastify. */
const BENEATH: ReadonlySet<string | symbol> = new Set([...HERE, ...COPIED, 'ip', 'ips'])

/** What somebody has put on request, response and its locals, and on those of Node beneath, where there are others. */
export const leftOn: ReturnType<typeof pathsLeft> = pathsLeft({
  places: [
    { path: 'req', isOfFramework: (_req, name) => HERE.has(name) },
    { path: 'res', isOfFramework: isOfResponse },
    { path: 'res.locals', isOfFramework: () => false, isWhole: true },
    { path: 'req.raw', isOfFramework: (_req, name) => BENEATH.has(name) },
    { path: 'res.raw', isOfFramework: isOfResponse },
    { path: 'req.cookies', isOfFramework: () => false },
    { path: 'req.raw.cookies', isOfFramework: () => false },
    { path: 'res.raw.locals', isOfFramework: () => false, isWhole: true },
    { path: 'req', isOfFramework: () => false },
    { path: 'req.raw', isOfFramework: () => false },
  ],
  status: 'res.statusCode',
})
