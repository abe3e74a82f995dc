import type { Outgoing } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import { headOf } from './send-outgoing.ts'

/** The response that the client gets, with the methods that it had before others were put in front of them. */
export interface LiveResponse {
  send(outgoing: Outgoing): void
  /** Whether all of it has been handed over. */
  isEnded(): boolean
  /** The client has gone. */
  stop(): void
  /** Breaks the connection off, so that the client sees that something is missing. */
  destroy(): void
}

export function liveResponse(res: ServerResponse, ended: () => void): LiveResponse {
  const { writeHead, write, end, destroy, on } = res
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isEnded = false
  let isStopped = false
  let resume = (): void => {}

  function finish(body?: Uint8Array): void {
    isEnded = true
    Reflect.apply(end, res, [body])
    ended()
  }

  const drained = () =>
    new Promise<void>((resolve) => {
      resume = resolve
    })

  async function pump(from: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    Reflect.apply(on, res, ['drain', () => resume()])
    try {
      for (;;) {
        const { done, value } = await from.read()
        if (isStopped) return
        if (done) return finish()
        if (!Reflect.apply(write, res, [value])) await drained()
      }
    } catch {
      destroy.call(res)
    }
  }

  return {
    send(outgoing) {
      const { status, body } = outgoing
      Reflect.apply(writeHead, res, [status, headOf(res, outgoing)])
      if (!(body instanceof ReadableStream)) return finish(body ?? undefined)
      reader = body.getReader()
      void pump(reader)
    },
    isEnded: () => isEnded,
    stop() {
      isStopped = true
      reader?.cancel().catch(() => {})
      resume()
    },
    destroy: () => void destroy.call(res),
  }
}
