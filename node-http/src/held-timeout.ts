import { systemClock } from '@shelflife/core'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { overlay, values } from './overlay.ts'

/** The time-out that a handler sets on its connection, which it may outlive for the sake of others. */
export interface HeldTimeout {
  /** The handler has set one by its socket. */
  set(ms: number, callback?: () => void): void
  /** The connection has gone, or is the next request's: from now on the time is taken here. */
  hold(): void
  /** Something was written: it begins anew. */
  touch(): void
  end(): void
}

interface ToHold {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  isHidden(): boolean
  /** It is over and nobody has listened for that: nothing the handler makes is waited for. */
  broken(): void
}

type SetTimeout = (ms: number, callback?: () => void) => unknown

/** Goes on with the time-out of a connection that has gone, over HTTP/1: there it is that of one answer at a time. */
export function heldTimeout({ req, res, isHidden, broken }: ToHold): HeldTimeout {
  const { socket } = req
  const isOverHttp2 = 'stream' in req
  const ofSocket = new Set<() => void>()
  let ms = 0
  let isHeld = false
  let isOut = false
  let isEnded = false
  let cancel = (): void => {}
  let unlisten = (): void => {}

  /** As Node does it. */
  function over(): void {
    for (const tell of ofSocket) tell()
    const isHeardByRequest = !req.complete && req.emit('timeout', socket)
    if (!res.emit('timeout', socket) && !isHeardByRequest && isHidden()) broken()
  }

  /** Node ends the connection before it tells others, unless somebody has listened to the request or the response. */
  function fired(): void {
    ofSocket.clear()
    isOut = ms > 0 && socket.destroyed
  }

  function listen(): void {
    unlisten()
    if (isOverHttp2 || isEnded) return
    socket.on('timeout', fired)
    unlisten = () => void socket.off('timeout', fired)
  }

  function touch(): void {
    if (!isHeld) return
    cancel()
    if (ms > 0) cancel = systemClock.after(ms, over)
  }

  function set(time: number, callback?: () => void): void {
    ms = Number(time)
    listen()
    if (callback !== undefined) ofSocket.add(callback)
    touch()
  }

  /** Whoever sets it by these listens to them. */
  function noting(object: IncomingMessage | ServerResponse): () => void {
    const { setTimeout } = object as { readonly setTimeout: SetTimeout }
    return overlay(
      object,
      values({
        setTimeout(time: number, callback?: () => void) {
          set(time)
          return Reflect.apply(setTimeout, object, [time, callback])
        },
      }),
    )
  }

  const ends = isOverHttp2 ? [] : [noting(req), noting(res)]
  return {
    set,
    hold() {
      isHeld = true
      if (isOut) cancel = systemClock.after(0, over)
      else touch()
    },
    touch,
    end() {
      isEnded = true
      cancel()
      unlisten()
      for (const end of ends.splice(0)) end()
    },
  }
}
