import type { IncomingMessage, ServerResponse } from 'node:http'

import { createAside } from './aside.ts'
import { OPEN, openState, quiet, quietSignal } from './quiet.ts'
import { overlay, values } from './overlay.ts'
import type { Veils } from './veil.ts'
import { veil } from './veil.ts'
import { watchedSocket } from './watch-connection.ts'

interface ToHide {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  isHidden(): boolean
  /** Whether the response is being sent at this moment: what asks it then is not the handler. */
  isSending(): boolean
  /** Calls what hears of an end, at once or when it may. */
  hear(tell: () => unknown): void
  /** Is told when the handler ends the connection itself, by what it is shown. */
  broken(): void
  /** Is told of a time-out that the handler sets on its socket. */
  timed(ms: number, callback?: () => void): void
}

interface HiddenEnd {
  readonly socket: unknown
  end(): void
}

/** Streams of Node as to whether they have ended: what is looked at in their states while they work must be true. */
const stateVeil = (real: () => unknown): unknown => {
  const state = real() as { readonly closed?: boolean }
  return state.closed === true ? openState(state) : state
}

/** What Node itself tells a request when its client goes. */
const isAborted = (error: Error | undefined): boolean =>
  error?.message === 'aborted' && (error as NodeJS.ErrnoException).code === 'ECONNRESET'

/** Whether all of a request is there, of which HTTP/2 says something else until it is read. */
export const cameWhole = (req: IncomingMessage): boolean => 'stream' in req || req.complete

/**
 * Shows a handler nothing of the end of its client's connection, by whatever property of the request, the response, their
 * sockets, streams and signals it looks for that.
 *
 * @returns the connection as it is shown, and what ends it
 */
export function hideEnd({ req, res, isHidden, isSending, hear, broken, timed }: ToHide): HiddenEnd {
  // Node itself is to see it as it is
  const { isAside, aside } = createAside()
  const how = { isHidden, hear, broken, timed }
  let signal: AbortSignal | undefined

  const quietOf = <Stream extends object>(stream: Stream | undefined | null): Stream | undefined =>
    stream ? quiet(stream, how) : undefined

  const { destroy: destroyReal } = req

  /** A request that was read to its end takes no connection with it, and one that came whole is there to be read. */
  function destroy(error?: Error): IncomingMessage {
    const isByNode = isAborted(error)
    if (isByNode && isHidden() && req.complete && stream === undefined) {
      hear(() => destroyReal.call(req, error))
      return req
    }
    const isRead = aside(() => req.readableEnded) && req.complete
    const isBreaking = isHidden() && !isRead && !isByNode
    aside(() => destroyReal.call(req, error))
    if (isBreaking) broken()
    return req
  }

  const { stream } = req as { readonly stream?: object }
  // now: Node takes it from a response that has been sent, and HTTP/2 from its request as well
  const { socket } = req
  const quietSocket = quietOf(watchedSocket(socket))
  const quietStream = quietOf(stream)
  const socketVeils: Veils = {
    socket: () => quietSocket,
    connection: () => quietSocket,
    // another one was left by something in front, or by the handler
    client(real) {
      const client = real()
      return client === socket ? quietSocket : client
    },
    stream: () => quietStream,
  }
  const always = (name: string): Veils => ({ [name]: () => OPEN[name] })
  const ends = [
    veil(res, () => isHidden() && !isSending(), socketVeils),
    // of the rest that never comes nobody would hear otherwise
    veil(req, () => isHidden() && !isAside() && cameWhole(req), {
      ...socketVeils,
      ...always('aborted'),
      ...always('closed'),
      ...always('destroyed'),
      ...always('errored'),
      ...always('readableAborted'),
      // one whose client had gone before is not read any more
      readable: (real) => !req.readableEnded && (aside(real) as boolean),
      signal: (real) => (signal ??= quietSignal(aside(real) as AbortSignal, how)),
      _readableState: stateVeil,
    }),
    overlay(req, values({ destroy })),
  ]
  return {
    socket: quietSocket,
    end() {
      for (const end of ends.splice(0).toReversed()) end()
    },
  }
}
