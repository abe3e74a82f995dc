import type { RequestListener } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** What a client got. */
export interface Got {
  readonly status: number
  readonly message: string
  readonly raw: readonly string[]
  readonly text: string
  readonly body: Buffer
  header(name: string): string | undefined
  lines(name: string): readonly string[]
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Buffer
  readonly signal?: AbortSignal
}

/** A server for one test. */
export interface Server {
  readonly url: string
  readonly port: number
  get(path: string, sent?: Sent, onHeaders?: () => void): Promise<Got>
}

/** Listens on loopback until the test ends. */
export async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get: (path, { method = 'GET', headers = {}, body, signal } = {}, onHeaders) =>
      new Promise((resolve, reject) => {
        const all = body === undefined ? headers : { 'content-length': String(Buffer.byteLength(body)), ...headers }
        const given = { port, host: '127.0.0.1', path, method, headers: all as Record<string, string>, agent: false }
        const sent = request({ ...given, ...(signal && { signal }) })
        sent.on('error', reject)
        sent.on('response', (response) => {
          onHeaders?.()
          buffer(response).then((bytes) => {
            const { rawHeaders, statusCode = 0, statusMessage = '' } = response
            const lines = (name: string): readonly string[] =>
              rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === name)
            resolve({
              status: statusCode,
              message: statusMessage,
              raw: rawHeaders,
              body: bytes,
              text: bytes.toString(),
              lines,
              header: (name) => lines(name)[0],
            })
          }, reject)
        })
        sent.end(body)
      }),
  }
}
