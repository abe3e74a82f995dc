import type { Socket } from 'node:net'

import { overlay, values } from './overlay.ts'

interface Held {
  /** How many answers the connection is kept for: requests may be sent ahead on it. */
  count: number
  /** Ends it, where that was asked for meanwhile. */
  asked?: () => void
  readonly takeAway: () => void
}

const all = new WeakMap<Socket, Held>()

function hold(socket: Socket): Held {
  const { destroy } = socket
  const takeAway = overlay(
    socket,
    values({
      destroy(error?: Error) {
        const end = (): unknown => destroy.call(socket, error)
        // whoever has taken the method may call it later
        if (held.count === 0) end()
        else held.asked ??= end
        return socket
      },
    }),
  )
  const held: Held = { count: 0, takeAway }
  all.set(socket, held)
  return held
}

/**
 * Keeps a connection until the answer that its handler has ended is sent: without a cache it would be by now, so that nothing
 * that is thrown or destroyed afterwards takes it back.
 *
 * @returns what lets it go
 */
export function heldDestroy(socket: Socket): () => void {
  const held = all.get(socket) ?? hold(socket)
  held.count++
  let isLetGo = false
  return () => {
    if (isLetGo) return
    isLetGo = true
    held.count--
    if (held.count > 0) return
    all.delete(socket)
    held.takeAway()
    held.asked?.()
  }
}
