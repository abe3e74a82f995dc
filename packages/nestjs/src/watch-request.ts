import { WHO_ASKS } from '@shelflife/http'
import {
  asMade,
  createAside,
  isInKey,
  isPlain,
  JARS,
  overlay,
  overlayKept,
  trustsOthers,
  watchConnection,
  watchedSocket,
  watchHeadersSet,
  watchProperties,
} from '@shelflife/node-http'

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { incomingOf } from './incoming-of.ts'
import { isOfRequest, isOfResponse } from './of-framework.ts'
import type { Platform } from './platform.ts'
import { isProxyTrusted } from './platform.ts'

/** What the platforms work out from what is part of the key, and what they make of that. */
const OF_KEY = ['protocol', 'host', 'hostname']
const OF_URI = [...OF_KEY, 'secure', 'subdomains', 'port']

/** What they work out from what is not. */
const OF_ADDRESS = ['ip', 'ips']

/** That nobody asks, and that there is no cookie, are answers too. */
const WATCHED: readonly string[] = [...WHO_ASKS, ...JARS]

/** What Fastify calls the place of a serializer that was set for one reply. */
const SERIALIZER = 'fastify.reply.serializer'

/** A request whose reads are told. */
export interface WatchedRequest {
  end(): void
  isQuiet(): boolean
  /** What is read meanwhile is read on the way to the client, or by the platform, and makes nothing of the answer. */
  quietly<Result>(run: () => Result): Result
}

/** The accessors of a platform that read what is told when others read it. */
function accessors(request: object, names: readonly string[], read: (name: string) => unknown): PropertyDescriptorMap {
  const inherited = names.filter((name) => name in request && !Object.hasOwn(request, name))
  return Object.fromEntries(inherited.map((name) => [name, { get: () => read(name), enumerable: false }]))
}

/** The connection by way of the response. Node itself takes it away when that has been sent. */
function socketOf(res: ServerResponse): PropertyDescriptor {
  const prototype = Object.getPrototypeOf(res) as object
  return {
    get() {
      const socket = Reflect.get(prototype, 'socket', res) as Socket | null | undefined
      return socket && watchedSocket(socket)
    },
    set: (socket: unknown) => void Reflect.set(prototype, 'socket', socket, res),
  }
}

/** Watches what something in front has left on a request and its response, as the platform and as Node have them. */
function watchLeft(platform: Platform, note: (path: string) => void): readonly (() => void)[] {
  const { request, req, res, reply = res } = platform
  const isOfFramework = (object: object) => (name: string | symbol) => isOfRequest(platform, object, name)
  const watchRequestOf = (object: object, path: string) =>
    watchProperties(object, { path, isOfFramework: isOfFramework(object), absent: WATCHED, note })
  function watchResponseOf(object: object, path: string): () => void {
    const { locals } = object as { readonly locals?: unknown }
    const isWhole = !isPlain(locals)
    function isOfPlatform(name: string | symbol): boolean {
      if (name === 'locals') return !isWhole
      if (name === 'req' && object === res) return res.req === req
      if (name === 'request' && object !== res) return (object as { readonly request?: unknown }).request === request
      return (name === 'statusMessage' && object === res) || isOfResponse(object, name)
    }
    // what sends an answer reads and sets it, so that nothing tells who else does
    if (object === res && Object.hasOwn(res, 'statusMessage') && res.statusMessage) note(`${path}.statusMessage`)
    const end = watchProperties(object, { path, isOfFramework: isOfPlatform, note })
    if (isWhole || typeof locals !== 'object' || locals === null) return end
    const told = { path: `${path}.locals`, isOfFramework: () => false, absent: WHO_ASKS, note }
    const endLocals = watchProperties(locals, told)
    return () => {
      endLocals()
      end()
    }
  }
  const areAllAsked = platform.reply !== undefined
  const ends = [
    watchRequestOf(request, 'req'),
    watchResponseOf(reply, 'res'),
    watchHeadersSet(res, { note, areAllAsked }),
  ]
  // of a Fastify reply: what answers is put through it
  const serializer = Object.getOwnPropertySymbols(reply).find(({ description }) => description === SERIALIZER)
  if (serializer !== undefined && Reflect.get(reply, serializer) !== null) note('res.serializer')
  if (platform.reply !== undefined) ends.push(watchHeadersSet(platform.reply as never, { note, areAllAsked }))
  if (reply !== res) ends.push(watchRequestOf(req, 'req.raw'), watchResponseOf(res, 'res.raw'))
  return ends
}

/**
 * Tells what is read of what something in front has left for the handler, and of the client's end of the connection, by its
 * path.
 */
export function watchRequest(platform: Platform, tell: (path: string) => void): WatchedRequest {
  const { request, req, res } = platform
  const { isAside: isQuiet, aside: quietly } = createAside()
  const note = (path: string): void => {
    if (!isQuiet()) tell(path)
  }
  const prototype = Object.getPrototypeOf(request) as object
  const inherited = (name: string): unknown => quietly(() => Reflect.get(prototype, name, request) as unknown)
  const { scheme, authority } = incomingOf(platform)
  const { app } = asMade(request)
  const isTrusted = isProxyTrusted(platform)
  /** A handler may call an application of Express, which has a `trust proxy` of its own. */
  function keyed(name: string): unknown {
    const value = inherited(name)
    const isOther = !isTrusted && trustsOthers(request.app, app)
    if (isOther || !isInKey(name, value, { scheme, authority })) note(`req.${name}`)
    return value
  }
  const isOnExpress = platform.reply === undefined
  const connection = watchConnection(req, note)
  const ends = [
    ...watchLeft(platform, note),
    overlay(request, {
      ...(isOnExpress ? accessors(request, OF_KEY, keyed) : accessors(request, OF_URI, inherited)),
      ...accessors(request, OF_ADDRESS, (name) => {
        note(`req.${name}`)
        return inherited(name)
      }),
    }),
    overlayKept(req, connection.properties),
    overlay(res, { socket: socketOf(res) }),
    connection.end,
  ]
  return {
    isQuiet,
    quietly,
    end() {
      for (const end of ends.toReversed()) end()
    },
  }
}
