import { IncomingMessage, ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'

import { pathsLeft } from '@shelflife/http'
import {
  areOfPath,
  areOfQuery,
  asMade,
  isAsSet,
  isEmpty,
  isOfResponse as isOfNode,
  isWrapped,
  JARS,
  OF_EVERY_REQUEST,
  OF_EXPRESS,
  oddJars,
  replacedOn,
  texts,
} from '@shelflife/node-http'

import { authorityOf } from './authority-of.ts'
import { areOfHost, hasHost } from './of-host.ts'
import type { Platform } from './platform.ts'

/** What Fastify has on its request. */
const OF_FASTIFY: ReadonlySet<string | symbol> = new Set(['id', 'log', 'raw'])

/** What lets middlewares of Express run on Fastify copies from its request. */
const COPIED: ReadonlySet<string | symbol> = new Set(['hostname', 'originalUrl', 'protocol'])

/** What is on the request of Node, and made of the URI, or is the client's part of a connection, which is watched itself. */
const OF_NODE_ON_EXPRESS: ReadonlySet<string | symbol> = new Set([...OF_EVERY_REQUEST, ...OF_EXPRESS])
const OF_NODE_ON_FASTIFY: ReadonlySet<string | symbol> = new Set([...OF_EVERY_REQUEST, 'id', 'log', 'originalUrl'])

const OF_REPLY: ReadonlySet<string | symbol> = new Set(['locals', 'log', 'raw', 'request'])

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

/** The parameters of the host, which Nest finds for a controller that has one. */
const HOSTS = 'hosts'

/** Old versions of Express keep the query on the request: that is the URI, unless somebody has changed it. */
function isQueryOfUri({ request, req, reply }: Platform, query: unknown): boolean {
  if (!texts(request.originalUrl, req.url).some((url) => url.includes('?')) && isEmpty(query)) return true
  if (reply !== undefined) return areOfQuery(query, req.url ?? '')
  const parse = asMade(request).app?.get('query parser fn') as ((query: string | null) => unknown) | undefined
  return texts(request.originalUrl, req.url).some((url) => {
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
  const { baseUrl } = request
  const { route, routeOptions } = request as OfRoute
  const pattern = reply === undefined ? route?.path : routeOptions?.url
  return areOfPath(params, { pattern, target: req.url ?? '', base: baseUrl })
}

/** What Express works out for a property it asks its application for, whatever something in front calls that. */
const valueOf = (object: object, name: string | symbol): unknown => Reflect.get(asMade(object), name)

/** Whether a property of a request, of the platform or of Node, is there without anybody's doing. */
export function isOfRequest(platform: Platform, object: object, name: string | symbol): boolean {
  if (name === 'query') return isQueryOfUri(platform, valueOf(object, name))
  if (name === 'params') return areOfRoute(platform, Reflect.get(object, name))
  if (name === HOSTS && object === platform.request) {
    return areOfHost(Reflect.get(object, name), platform.controller, authorityOf(platform))
  }
  if (COPIED.has(name) && object !== platform.request) {
    return Reflect.get(object, name) === Reflect.get(platform.request, name)
  }
  if (name === 'body') return isEmpty(Reflect.get(object, name))
  if (isOfSymbols(object, name)) return true
  const { req, res, reply } = platform
  if (object !== req) return OF_FASTIFY.has(name)
  const names = reply === undefined ? OF_NODE_ON_EXPRESS : OF_NODE_ON_FASTIFY
  return names.has(name) && isAsSet(req, res, name)
}

/** The same of a response. Who wraps a method changes what is sent, and not what it is made of. */
export const isOfResponse = (object: object, name: string | symbol): boolean =>
  isOfSymbols(object, name) ||
  ('setHeader' in object ? name === 'log' || isOfNode(object, name) : OF_REPLY.has(name) || isWrapped(object, name))

/** What routers and parsers leave behind on every request, and anybody can change. */
const CHANGEABLE = ['body', 'params', 'query'] as const

/** What of it is not as the request says, as an object that has these names; `undefined` for nothing. */
export function changedOn(platform: Platform, object: object): object | undefined {
  const names: string[] = CHANGEABLE.filter(
    (name) => (valueOf(object, name) ?? undefined) !== undefined && !isOfRequest(platform, object, name),
  )
  if (object === platform.req) names.push(...replacedOn(object, platform.res))
  names.push(...oddJars(object))
  if (object === platform.request) {
    const isThere = Object.hasOwn(object, HOSTS)
    if (isThere !== hasHost(platform.controller) || (isThere && !isOfRequest(platform, object, HOSTS)))
      names.push(HOSTS)
  }
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, true]))
}

/** Of cookies each is told by its name. */
const CHANGED: readonly string[] = [...JARS, ...CHANGEABLE]

const ON_EXPRESS: ReadonlySet<string | symbol> = new Set([...OF_NODE_ON_EXPRESS, ...CHANGED, HOSTS])
const ON_FASTIFY: ReadonlySet<string | symbol> = new Set([...OF_FASTIFY, ...CHANGED, HOSTS])

/** The same of the request of Node beneath that of Fastify. */
const BENEATH: ReadonlySet<string | symbol> = new Set([...OF_NODE_ON_FASTIFY, ...CHANGED, ...COPIED, 'ip', 'ips'])

/** What somebody has put on request, response and its locals, and on those of Node beneath, where there are others. */
export const leftOn: ReturnType<typeof pathsLeft> = pathsLeft({
  places: [
    {
      path: 'req',
      isOfFramework: (req, name) => (req instanceof IncomingMessage ? ON_EXPRESS : ON_FASTIFY).has(name),
    },
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
