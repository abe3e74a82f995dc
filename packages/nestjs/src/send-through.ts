import type { Outgoing } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { PriorHeaders } from './prior-headers.ts'

/** The way to the client, by the methods that a response has before others are put in front of them. */
export interface Client {
  send(outgoing: Outgoing): void
  isAnswered(): boolean
  /** It has gone. */
  stop(): void
  /** Breaks the connection off, so that the client sees that something is missing. */
  destroy(): void
}

export function sendThrough(res: ServerResponse, prior: PriorHeaders): Client {
  const { writeHead, write, end, destroy, once } = res
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isAnswered = false
  let isGone = false
  let resume = (): void => {}

  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      resume = resolve
      Reflect.apply(once, res, ['drain', resolve])
    })

  async function pump(from: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await from.read()
        if (isGone) return
        if (done) return void Reflect.apply(end, res, [])
        if (!Reflect.apply(write, res, [value])) await drained()
      }
    } catch {
      destroy.call(res)
    }
  }

  return {
    send(outgoing) {
      const { status, body } = outgoing
      const isStream = body instanceof ReadableStream
      if (isGone || isAnswered) {
        if (isStream) body.cancel().catch(() => {})
        return
      }
      isAnswered = true
      Reflect.apply(writeHead, res, [status, prior.headFor(res, outgoing)])
      if (!isStream) return void Reflect.apply(end, res, body === null ? [] : [body])
      reader = body.getReader()
      void pump(reader)
    },
    isAnswered: () => isAnswered,
    stop() {
      isGone = true
      reader?.cancel().catch(() => {})
      resume()
    },
    destroy: () => void destroy.call(res),
  }
}
