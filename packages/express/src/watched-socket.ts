import type { HandlerRun } from '@shelflife/http'
import type { Socket } from 'node:net'

/** What a connection tells of who is at its other end. */
const OF_CLIENT: ReadonlySet<string | symbol> = new Set([
  'authorizationError',
  'authorized',
  'getPeerCertificate',
  'getPeerX509Certificate',
  'remoteAddress',
  'remotePort',
])

/** A socket that tells what is read of it about the client. */
export const watchedSocket = (socket: Socket, note: NonNullable<HandlerRun['noteInput']>): Socket =>
  new Proxy(socket, {
    get(target, name) {
      if (OF_CLIENT.has(name)) note(`req.socket.${String(name)}`)
      return Reflect.get(target, name) as unknown
    },
  })
