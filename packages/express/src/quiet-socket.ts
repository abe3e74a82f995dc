import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A socket that tells nothing of its end: what sends files stops when the client has gone, and others may wait for the
 * file.
 */
function quietSocket(socket: Socket): Socket {
  const quiet = Object.create(socket) as Socket
  const silent = () => quiet
  return Object.assign(
    Object.defineProperties(quiet, { writable: { value: true }, destroyed: { value: false } }),
    { on: silent, once: silent, addListener: silent, prependListener: silent, prependOnceListener: silent },
    { write: socket.write.bind(socket), destroy: socket.destroy.bind(socket) },
  )
}

/** The socket of a response as its handler sees it. */
export interface ShownSocket {
  /** For `overlay`. */
  readonly property: PropertyDescriptor
  /** Shows it as it is. */
  asIs(): void
}

/** @param mayTell whether the handler may see the one that tells of its end */
export function shownSocket(res: ServerResponse, mayTell: (socket: Socket | null) => boolean): ShownSocket {
  let { socket } = res
  const quiet = socket === null ? null : quietSocket(socket)
  return {
    property: {
      get: () => (mayTell(socket) ? socket : quiet),
      set(given: typeof socket) {
        socket = given
        // where Node keeps it elsewhere, it has to get there
        Reflect.set(Object.getPrototypeOf(res) as object, 'socket', given, res)
      },
    },
    asIs: () => void Object.assign(res, { socket }),
  }
}
