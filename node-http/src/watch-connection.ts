import type { IncomingMessage } from 'node:http'
import { Server, Socket } from 'node:net'

import { isAsSet } from './as-set.ts'
import { nameOf } from './watch-properties.ts'

/** What tells one client from another. */
const OF_CLIENT: ReadonlySet<string | symbol> = new Set([
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'authorized',
  'authorizationError',
  'getPeerCertificate',
  'getPeerX509Certificate',
  'getSession',
  'getTLSTicket',
])

/** What Node itself keeps on a socket. */
const INSIDE: ReadonlySet<string | symbol> = new Set([
  ...Reflect.ownKeys(new Socket()).filter((name) => typeof name === 'symbol' || name.startsWith('_')),
  '_httpMessage',
  '_paused',
  '_tlsOptions',
  '_secureEstablished',
  '_securePending',
  '_newSessionPending',
  '_controlReleased',
  '_SNICallback',
  '_requestCert',
  '_rejectUnauthorized',
])

const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isMethod = (value: unknown): boolean => typeof value === 'function'

/** What every socket of a server has, whoever is at its other end, as long as it is what Node sets. */
const OF_EVERY_SOCKET: Readonly<Record<string, (value: unknown, socket: Socket) => boolean>> = {
  connecting: isFlag,
  allowHalfOpen: isFlag,
  server: (value) => value === null || value instanceof Server,
  parser: (value, socket) => value === null || Object(value).socket === socket,
  on: isMethod,
  addListener: isMethod,
  prependListener: isMethod,
  setEncoding: isMethod,
  secureConnecting: isFlag,
  alpnProtocol: (value) => value === null || isFlag(value) || typeof value === 'string',
  encrypted: isFlag,
  ssl: (value, socket) => value === null || value === Reflect.get(socket, '_handle'),
}

/** Whether something in front has left it there. */
function isLeft(socket: Socket, name: string | symbol): boolean {
  if (INSIDE.has(name) || !Object.hasOwn(socket, name)) return false
  const isOfNode = Object.hasOwn(OF_EVERY_SOCKET, name) ? OF_EVERY_SOCKET[name as string] : undefined
  return isOfNode === undefined || !isOfNode(Reflect.get(socket, name), socket)
}

interface Watched {
  readonly shown: Socket
  /** One for each request of the connection that is watched now. */
  readonly notes: Set<(path: string) => void>
}

/** One for each connection: what listens to it is to find the same one each time. */
const all = new WeakMap<Socket, Watched>()

function watch(socket: Socket): Watched {
  const notes: Watched['notes'] = new Set()
  const shown: Socket = new Proxy(socket, {
    get(target, name) {
      if (OF_CLIENT.has(name) || isLeft(target, name)) for (const note of notes) note(`req.socket.${nameOf(name)}`)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    set: (target, name, value, receiver) => Reflect.set(target, name, value, receiver === shown ? target : receiver),
  })
  const watched = { shown, notes }
  all.set(socket, watched)
  return watched
}

/**
 * Tells what is read of the client's end of a connection, by `req.socket`.
 *
 * @returns the property for `overlay`, and what ends it
 */
export function watchConnection(
  req: IncomingMessage,
  note: (path: string) => void,
): { readonly properties: PropertyDescriptorMap; end(): void } {
  const { socket, client } = req as IncomingMessage & { readonly client?: unknown }
  if (typeof socket !== 'object' || socket === null || !isAsSet(req, req, 'socket')) return { properties: {}, end() {} }
  const { shown, notes } = all.get(socket) ?? watch(socket)
  notes.add(note)
  const property = { value: shown }
  return {
    properties: { socket: property, ...(client === socket && { client: property }) },
    end: () => void notes.delete(note),
  }
}

/** A connection as a handler sees it that is watched, however it gets there. */
export const watchedSocket = (socket: Socket): Socket => all.get(socket)?.shown ?? socket
