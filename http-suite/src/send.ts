import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'

import type { Lines } from './field-lines.ts'
import { pairsOf, valuesOf } from './field-lines.ts'

/** A request as the client writes it. */
export interface Message {
  readonly method: string
  /** Lines in order, names as given. `Host` is added when missing. */
  readonly lines: Lines
  readonly body?: string | undefined
}

/** What a client saw. */
export interface Answer {
  /** 0 when the connection ended before a header arrived. */
  readonly status: number
  readonly lines: Lines
  readonly body: Buffer
  readonly interim: readonly { readonly status: number; readonly lines: Lines }[]
  /** Whether the message ended early. */
  readonly brokenOff: boolean
  /** Value of a header, name in lower case, several lines joined with `, `. */
  header(name: string): string | undefined
}

/** Sends one request on a connection of its own and reads the answer to its end, whatever becomes of it. */
export function send(url: string, { method, lines, body }: Message): Promise<Answer> {
  const { hostname, port, host } = new URL(url)
  const given = valuesOf(lines, 'host').length > 0 ? lines : [['Host', host] as const, ...lines]
  const all = body === undefined ? given : [...given, ['Content-Length', String(Buffer.byteLength(body))] as const]
  const path = url.slice(url.indexOf('/', 'http://'.length))

  return new Promise((resolve) => {
    const interim: { status: number; lines: Lines }[] = []
    const sent = request({ hostname, port, path, method, headers: all.flat(), agent: false })
    sent.on('information', ({ statusCode, rawHeaders }) => {
      interim.push({ status: statusCode, lines: pairsOf(rawHeaders) })
    })
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => void chunks.push(chunk))
      // comes after 'end' and after an error alike; 'complete' tells them apart
      response.on('close', () => resolve(answerOf(response, Buffer.concat(chunks), interim)))
      response.on('error', () => {})
    })
    sent.on('error', () => resolve(NO_ANSWER))
    sent.end(body)
  })
}

const NO_ANSWER: Answer = {
  status: 0,
  lines: [],
  body: Buffer.alloc(0),
  interim: [],
  brokenOff: true,
  header: () => undefined,
}

function answerOf(response: IncomingMessage, body: Buffer, interim: Answer['interim']): Answer {
  const lines = pairsOf(response.rawHeaders)
  return {
    status: response.statusCode ?? 0,
    lines,
    body,
    interim,
    brokenOff: !response.complete,
    header(name) {
      const values = valuesOf(lines, name)
      return values.length > 0 ? values.join(', ') : undefined
    },
  }
}
