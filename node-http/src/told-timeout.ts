import type { IncomingMessage, ServerResponse } from 'node:http'

import { createAside } from './aside.ts'

/** Who hears that the time of a connection is over. */
export interface ToldTimeout {
  /** Whether somebody in front is told at this moment: what it ends is the connection of its client. */
  isInFront(): boolean
  /**
   * @param socket what the handler is shown of the connection; `undefined`: as it is
   * @returns whether anybody hears of it
   */
  tell(object: IncomingMessage | ServerResponse, args: readonly unknown[], socket: unknown): boolean
}

/** Tells those who have listened until now apart from the handler, who has the same request and response. */
export function toldTimeout(req: IncomingMessage, res: ServerResponse): ToldTimeout {
  const before = new Set([req, res].flatMap((object) => object.rawListeners('timeout')))
  const { isAside: isInFront, aside: inFront } = createAside()
  return {
    isInFront,
    tell(object, args, socket) {
      const listeners = object.rawListeners('timeout')
      for (const listener of listeners) {
        if (before.has(listener)) inFront(() => Reflect.apply(listener, object, args) as unknown)
        else Reflect.apply(listener, object, socket === undefined ? args : [socket])
      }
      return listeners.length > 0
    },
  }
}
