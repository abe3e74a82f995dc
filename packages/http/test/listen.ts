import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { FetchHandler } from '../src/index.ts'

const BODILESS = new Set(['GET', 'HEAD'])

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  const target = url.startsWith('/') ? `http://${incoming.headers.host}${url}` : url
  const body = BODILESS.has(method) ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
  return new Request(target, { method, headers, body, duplex: 'half' } as RequestInit)
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat())
  outgoing.flushHeaders()
  if (response.body === null) return void outgoing.end()
  // clients may leave, handlers may die
  await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => outgoing.destroy())
}

/** A server on loopback for a handler on web standards. One that rejects answers 500. */
export async function listen(handler: FetchHandler): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const answer = async (): Promise<Response> => handler(requestOf(incoming))
    answer()
      .catch(() => new Response('failed', { status: 500 }))
      .then((response) => send(response, outgoing))
      .catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}
