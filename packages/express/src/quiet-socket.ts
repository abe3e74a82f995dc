import { values, watchedSocket } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A socket that tells nothing of its end: what sends files stops when the client has gone, and others may wait for the
 * file.
 */
function quietSocket(socket: Socket): Socket {
  const silent = (): Socket => quiet
  const quiet = Object.create(watchedSocket(socket), {
    writable: { value: true },
    destroyed: { value: false },
    ...values({ on: silent, once: silent, addListener: silent, prependListener: silent, prependOnceListener: silent }),
    ...values({ write: socket.write.bind(socket), destroy: socket.destroy.bind(socket) }),
  }) as Socket
  return quiet
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
      get: () => (mayTell(socket) ? socket && watchedSocket(socket) : quiet),
      set(given: typeof socket) {
        socket = given
        // where Node keeps it elsewhere, it has to get there
        Reflect.set(Object.getPrototypeOf(res) as object, 'socket', given, res)
      },
    },
    asIs: () => void Object.assign(res, { socket }),
  }
}
