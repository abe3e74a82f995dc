import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { linesOf, pairsOf, valuesOf } from './field-lines.ts'
import type { Moment } from './field-lines.ts'
import type { OriginRequest, Reply } from './suite-case.ts'
import { wallClock } from './wall-clock.ts'

/** The header by which a reply of the origin is recognised: the number of the step it was given in. */
export const REPLY = 'x-reply'

/** What the origin does at one path and below. */
export interface Script {
  /** Every request that arrived, in order. */
  readonly requests: OriginRequest[]
  /** The number of the step that is running. */
  step: number
  /** The URL the client uses for this path. */
  url: string
  reply(request: OriginRequest): Reply
}

/** An origin server whose every path is programmed. */
export interface Origin {
  readonly url: string
  /** By the first segment of the path. */
  readonly scripts: Map<string, Script>
  close(): Promise<void>
}

/** Starts an origin on a free port of the loopback interface. */
export async function startOrigin(): Promise<Origin> {
  const scripts = new Map<string, Script>()
  const server = createServer((incoming, response) => void answer(incoming, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = incoming.url ?? '/'
    const script = scripts.get(/^\/([^/?]*)/.exec(target)?.[1] ?? '')
    if (!script) return void response.writeHead(404).end()
    const request = requestOf(incoming, target)
    script.requests.push(request)
    const { step } = script
    await text(incoming).catch(() => '')
    const reply = script.reply(request)
    await sleep(1000 * (reply.delay ?? 0))
    give({ response, reply, step, head: request.method === 'HEAD', moment: { now: wallClock(), url: script.url } })
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scripts,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

function requestOf(incoming: IncomingMessage, target: string): OriginRequest {
  const lines = pairsOf(incoming.rawHeaders)
  return {
    method: incoming.method ?? '',
    target,
    header(name) {
      const values = valuesOf(lines, name)
      return values.length > 0 ? values.join(', ') : undefined
    },
  }
}

interface Giving {
  readonly response: ServerResponse
  readonly reply: Reply
  readonly step: number
  readonly head: boolean
  readonly moment: Moment
}

const NO_BODY = [204, 304]

function give({ response, reply, step, head, moment }: Giving): void {
  const { status = 200, breakOff, http10 } = reply
  if (breakOff === 'before-header') return void response.socket?.destroy()
  const body = NO_BODY.includes(status) ? Buffer.alloc(0) : Buffer.from(reply.body ?? `reply ${step} of ${moment.url}`)
  const given = linesOf(reply.headers ?? {}, moment)
  const usual = [
    ['Date', new Date(moment.now).toUTCString()] as const,
    // a 304 that carried it would make the stored reply look like a new one
    ...(status === 304 ? [] : [[REPLY, String(step)] as const]),
    ...(NO_BODY.includes(status) || http10 ? [] : [['Content-Length', String(body.length)] as const]),
  ]
  const replaced = Object.keys(reply.headers ?? {}).map((name) => name.toLowerCase())
  const chunked = replaced.includes('transfer-encoding')
  const isLeft = (name: string): boolean => !replaced.includes(name) && !(chunked && name === 'content-length')
  const lines = [...usual.filter(([name]) => isLeft(name.toLowerCase())), ...given]

  if (http10) {
    const header = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return void response.socket?.end(Buffer.concat([Buffer.from(`HTTP/1.0 ${status} OK\r\n${header}\r\n`), body]))
  }
  for (const interim of reply.interim ?? []) sendInterim(response, interim)
  response.sendDate = false
  response.writeHead(status, lines.flat())
  if (breakOff !== 'in-body') return void response.end(head ? undefined : body)
  response.write(body.subarray(0, body.length / 2), () => void setTimeout(() => response.socket?.destroy(), 20))
}

function sendInterim(response: ServerResponse, { status, headers }: NonNullable<Reply['interim']>[number]): void {
  if (status === 102) response.writeProcessing()
  else response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style', ...headers })
}
