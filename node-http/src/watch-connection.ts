import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

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

/** What every socket of a server has, whoever is at its other end. */
const OF_EVERY_SOCKET: ReadonlySet<string> = new Set([
  ...Object.keys(new Socket()),
  'parser',
  'on',
  'addListener',
  'prependListener',
  'setEncoding',
  'secureConnecting',
  'alpnProtocol',
  'encrypted',
  'ssl',
  'timeout',
])

/** Whether something in front has left it there. */
const isLeft = (socket: Socket, name: string | symbol): boolean =>
  typeof name === 'string' && !name.startsWith('_') && Object.hasOwn(socket, name) && !OF_EVERY_SOCKET.has(name)

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
      if (OF_CLIENT.has(name) || isLeft(target, name)) for (const note of notes) note(`req.socket.${String(name)}`)
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
  { socket }: IncomingMessage,
  note: (path: string) => void,
): { readonly properties: PropertyDescriptorMap; end(): void } {
  if (typeof socket !== 'object' || socket === null) return { properties: {}, end() {} }
  const { shown, notes } = all.get(socket) ?? watch(socket)
  notes.add(note)
  const property = { value: shown }
  return { properties: { socket: property, client: property }, end: () => void notes.delete(note) }
}

/** A connection as a handler sees it that is watched, however it gets there. */
export const watchedSocket = (socket: Socket): Socket => all.get(socket)?.shown ?? socket
