import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { createAdaptorServer } from '@hono/node-server'
import type { Env, Hono } from 'hono'

/** An app that listens. */
export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** Puts an app up on a free port of the loopback interface. */
export async function serveApp<E extends Env>(app: Hono<E>): Promise<Served> {
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

/** What a client asks, header lines as they are written. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

/** What it gets. */
export interface Got {
  readonly status: number
  /** Lines joined with `, `, names in lower case; `''` where there is none. */
  header(name: string): string
  readonly raw: readonly string[]
  readonly body: string
  readonly bytes: Buffer
}

/** Opens a request on a connection of its own; the path is sent as it is. */
export function open(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url)
  const path = url.slice(url.indexOf('/', 'http://'.length))
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: headers as Record<string, string>, agent: false })
    sent.on('response', resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Asks and reads the answer to its end. */
export async function ask(url: string, asked?: Asked): Promise<Got> {
  const response = await open(url, asked)
  const bytes = await buffer(response)
  return {
    status: response.statusCode ?? 0,
    header: (name) => [response.headers[name] ?? ''].flat().join(', '),
    raw: response.rawHeaders,
    body: bytes.toString(),
    bytes,
  }
}
