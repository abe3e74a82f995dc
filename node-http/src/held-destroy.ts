import type { Socket } from 'node:net'

import { overlay, values } from './overlay.ts'

/**
 * Keeps a connection until the answer that its handler has ended is on its way: without a cache it would be by now, whatever
 * is thrown after it.
 *
 * @returns what lets it go, and ends it if that was asked for meanwhile
 */
export function heldDestroy(socket: Socket): () => void {
  let destroy: (() => void) | undefined
  const takeAway = overlay(
    socket,
    values({
      destroy(error?: Error) {
        destroy ??= () => socket.destroy(error)
        return socket
      },
    }),
  )
  let isLet = false
  return () => {
    if (isLet) return
    isLet = true
    takeAway()
    destroy?.()
  }
}
