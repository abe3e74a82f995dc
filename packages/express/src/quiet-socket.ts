import type { Socket } from 'node:net'

/**
 * A socket that tells nothing of its end: what sends files stops when the client has gone, and others may wait for the
 * file.
 */
export function quietSocket(socket: Socket): Socket {
  const quiet = Object.create(socket) as Socket
  const silent = () => quiet
  return Object.assign(
    Object.defineProperties(quiet, { writable: { value: true }, destroyed: { value: false } }),
    { on: silent, once: silent, addListener: silent, prependListener: silent, prependOnceListener: silent },
    { write: socket.write.bind(socket), destroy: socket.destroy.bind(socket) },
  )
}
