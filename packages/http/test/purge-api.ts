import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Clock } from '@shelflife/core'

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** Answers one request to the API. */
export type Reply = (response: ServerResponse) => void

/** An answer as it was recorded. */
export const reply =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** Cuts the connection. */
export const cut: Reply = (response) => void response.destroy()

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

/**
 * The API of a CDN on a port of this machine: gives the replies in order, the last one for ever. Time is its own:
 * pauses are noted and over at once, and nobody loses patience unless `expire` is called.
 */
export async function startApi(...replies: readonly Reply[]) {
  const received: Received[] = []
  const pauses: number[] = []
  const deadlines = new Set<() => void>()
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const { method, url, headers } = request
      received.push({ method, url, headers, body: JSON.parse(text) })
      replies[Math.min(received.length, replies.length) - 1]?.(response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const clock: Clock = {
    now: () => 0,
    after(ms, run) {
      if (ms !== 10_000) {
        pauses.push(ms)
        const pause = setImmediate(run)
        return () => clearImmediate(pause)
      }
      deadlines.add(run)
      return () => void deadlines.delete(run)
    },
  }
  return {
    origin,
    received,
    pauses,
    deadlines,
    client: { clock, fetch: (url: string, init: RequestInit) => fetch(url.replace(/^https:\/\/[^/]+/, origin), init) },
    expire: () => deadlines.forEach((run) => run()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
