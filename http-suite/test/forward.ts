import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

import type { Mounted } from '../src/describe-shared-cache.ts'
import type { Lines } from '../src/field-lines.ts'
import { pairsOf, valuesOf } from '../src/field-lines.ts'

/** A message on its way through, read to its end. */
export interface Asked {
  readonly method: string
  readonly target: string
  readonly lines: Lines
  readonly body: Buffer
  /** Told of each interim response. */
  interim(status: number, lines: Lines): void
}

export interface Given {
  readonly status: number
  readonly lines: Lines
  readonly body: Buffer
  /** Whether the message ended as it should. */
  readonly complete: boolean
}

/** Value of a header, several lines joined. */
export function valueOf(lines: Lines, name: string): string | undefined {
  const values = valuesOf(lines, name)
  return values.length > 0 ? values.join(', ') : undefined
}

/** Asks the origin. What cannot be reached is a 502. */
export function forward(originUrl: string, asked: Asked): Promise<Given> {
  const { hostname, port } = new URL(originUrl)
  const own = ['connection', 'transfer-encoding', 'content-length', 'keep-alive']
  const lines = asked.lines.filter(([name]) => !own.includes(name.toLowerCase()))
  const length = asked.body.length > 0 ? [['Content-Length', String(asked.body.length)]] : []
  const failed: Given = { status: 502, lines: [], body: Buffer.from('unreachable'), complete: true }
  return new Promise((resolve) => {
    const sent = httpRequest({
      hostname,
      port,
      method: asked.method,
      path: asked.target,
      headers: [...lines, ...length].flat() as string[],
      agent: false,
    })
    sent.on('information', ({ statusCode, rawHeaders }) => asked.interim(statusCode, pairsOf(rawHeaders)))
    let arrived = false
    sent.on('response', (response) => {
      arrived = true
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => void chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => {
        const given = pairsOf(response.rawHeaders)
        resolve({
          status: response.statusCode ?? 502,
          lines: given,
          body: Buffer.concat(chunks),
          complete: response.complete,
        })
      })
    })
    // What follows a complete response on its connection is no failure of it.
    sent.on('error', () => void (arrived || resolve(failed)))
    sent.end(asked.body)
  })
}

/** Puts up a server that answers each request with what the function returns. */
export async function serve(answer: (asked: Asked) => Promise<Given>): Promise<Mounted> {
  const server = createServer((incoming, response) => {
    void read(incoming, response)
      .then(answer)
      .then((given) => write(incoming, response, given))
      .catch(() => void response.destroy())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

async function read(incoming: IncomingMessage, response: ServerResponse): Promise<Asked> {
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    lines: pairsOf(incoming.rawHeaders),
    body: await buffer(incoming),
    interim(status, lines) {
      if (status === 102) response.writeProcessing()
      else response.writeEarlyHints(Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])))
    },
  }
}

const PER_HOP = ['connection', 'transfer-encoding', 'content-length', 'keep-alive']

function write(incoming: IncomingMessage, response: ServerResponse, { status, lines, body, complete }: Given): void {
  const kept = lines.filter(([name]) => !PER_HOP.includes(name.toLowerCase()))
  const bodiless = status === 304 || status === 204
  const told = incoming.method === 'HEAD' ? valueOf(lines, 'content-length') : String(body.length)
  const length = bodiless || told === undefined ? [] : [['Content-Length', told]]
  response.sendDate = false
  response.writeHead(status, [...kept, ...(complete ? length : [])].flat() as string[])
  if (complete) return void response.end(bodiless || incoming.method === 'HEAD' ? undefined : body)
  response.write(body, () => void response.destroy())
}
