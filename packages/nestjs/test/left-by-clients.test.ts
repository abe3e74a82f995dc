import { Controller, Get, Req, Res, StreamableFile } from '@nestjs/common'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { connect, constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { finished, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import type { Adapter } from './platforms.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

interface Emits {
  on(event: string, listener: () => void): unknown
}

/** As Node has it over either version of HTTP, and as the platform has it. */
interface Seen {
  readonly req: IncomingMessage & { readonly stream?: ServerHttp2Stream; readonly signal?: AbortSignal }
  readonly res: ServerResponse & { readonly stream?: ServerHttp2Stream }
  readonly request: { readonly signal?: AbortSignal; readonly socket: IncomingMessage['socket'] }
}

/** Asks whether something has happened. */
function heard(of: Emits | null | undefined, ...events: readonly string[]): () => boolean {
  let isHeard = false
  for (const event of events) of?.on(event, () => (isHeard = true))
  return () => isHeard
}

function isFinished(stream: Parameters<typeof finished>[0] | undefined): () => boolean {
  let is = false
  if (stream !== undefined) finished(stream, (error) => (is = error != null))
  return () => is
}

/** In which ways a handler can see that its client has gone. Each is made when it begins, and asked after that. */
const WAYS: Record<string, (seen: Seen) => () => boolean> = {
  'req.aborted':
    ({ req }) =>
    () =>
      req.aborted,
  'req.closed':
    ({ req }) =>
    () =>
      req.closed,
  'req.destroyed':
    ({ req }) =>
    () =>
      req.destroyed,
  'req.errored':
    ({ req }) =>
    () =>
      req.errored !== null,
  'req.readable':
    ({ req }) =>
    () =>
      !req.readable && !req.readableEnded,
  'req.signal':
    ({ req }) =>
    () =>
      req.signal?.aborted === true,
  'the signal of the platform':
    ({ request }) =>
    () =>
      request.signal?.aborted === true,
  'the signal of the platform from the beginning': ({ request: { signal } }) => {
    return () => signal?.aborted === true
  },
  'events of req': ({ req }) => heard(req, 'aborted', 'close', 'error'),
  'finished(req)': ({ req }) => isFinished(req),
  'req.socket.destroyed':
    ({ req }) =>
    () =>
      req.socket.destroyed,
  'req.socket.readyState':
    ({ req }) =>
    () =>
      req.socket.readyState !== 'open',
  'req.socket.writable':
    ({ req }) =>
    () =>
      !req.socket.writable,
  'the socket of the platform':
    ({ request }) =>
    () =>
      request.socket.destroyed,
  'events of req.socket': ({ req }) => heard(req.socket, 'end', 'close', 'error'),
  'res.destroyed':
    ({ res }) =>
    () =>
      res.destroyed,
  'res.closed':
    ({ res }) =>
    () =>
      res.closed,
  'res.writable':
    ({ res }) =>
    () =>
      !res.writable,
  'res.socket':
    ({ res }) =>
    () =>
      res.socket?.destroyed !== false,
  'res.connection':
    ({ res }) =>
    () =>
      res.connection?.writable !== true,
  'events of res': ({ res }) => heard(res, 'close', 'error'),
  'events of res.socket': ({ res }) => heard(res.socket, 'end', 'close', 'error'),
  'req.stream.aborted':
    ({ req }) =>
    () =>
      req.stream?.aborted === true,
  'req.stream.rstCode':
    ({ req }) =>
    () =>
      (req.stream?.rstCode ?? 0) !== 0,
  'res.stream.destroyed':
    ({ res }) =>
    () =>
      res.stream?.destroyed === true,
  'res.stream.closed':
    ({ res }) =>
    () =>
      res.stream?.closed === true,
  'res.stream.session':
    ({ res }) =>
    () =>
      res.stream !== undefined && res.stream.session === undefined,
  'events of res.stream': ({ res }) => heard(res.stream, 'aborted', 'close', 'error'),
  'finished(res.stream)': ({ res }) => isFinished(res.stream),
}

const ROWS = ['one;', 'two;', 'three;']

type Got = (path: string) => { readonly text: Promise<string>; leave(): void }

/** Clients of HTTP/1.1. */
function clientsOf(url: string): Got {
  return (path) => {
    const leaving = new AbortController()
    const text = fetch(`${url}${path}`, { signal: leaving.signal }).then((response) => response.text())
    text.catch(() => {})
    return { text, leave: () => leaving.abort() }
  }
}

/** Clients that share a connection of HTTP/2. */
function streamsOf(url: string): Got {
  const session = connect(url)
  onTestFinished(() => session.destroy())
  return (path) => {
    const stream = session.request({ ':path': path })
    let got = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => void (got += chunk))
    const text = new Promise<string>((resolve, reject) => {
      stream.once('end', () => resolve(got)).once('error', reject)
    })
    text.catch(() => {})
    return { text, leave: () => stream.close(constants.NGHTTP2_CANCEL) }
  }
}

const TRANSPORTS = [
  ...PLATFORMS.map(({ name, adapter }) => ({ name, adapter: adapter as Adapter, clients: clientsOf })),
  {
    name: 'Fastify over HTTP/2',
    adapter: (() => new FastifyAdapter({ http2: true }) as never) as Adapter,
    clients: streamsOf,
  },
]

interface Raw<Of> {
  readonly raw?: Of
  hijack?(): void
}

describe.each(TRANSPORTS)('on $name', ({ adapter, clients }) => {
  /** An application whose handlers have lost their client when they are told so, while another client waits. */
  async function left(path: string, name: string, maxFillTime = 4000) {
    let tellGone = (): void => {}
    const gone = new Promise<void>((resolve) => (tellGone = resolve))
    let runs = 0
    const seenOf = (req: unknown, res: unknown): Seen =>
      ({ req: (req as Raw<unknown>).raw ?? req, res: (res as Raw<unknown>).raw ?? res, request: req }) as Seen
    @Controller()
    class Left {
      @Get('rows')
      @CacheResponse({ ttl: '1m' })
      async rows(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>) {
        runs++
        response.hijack?.()
        const seen = seenOf(request, response)
        const isGone = WAYS[name]!(seen)
        for (const row of ROWS) {
          if (isGone()) break
          seen.res.write(row)
          await gone
          await turn()
        }
        seen.res.end()
      }
      @Get('file')
      @CacheResponse({ ttl: '1m' })
      file(@Req() request: Raw<IncomingMessage>, @Res({ passthrough: true }) response: Raw<ServerResponse>) {
        runs++
        const isGone = WAYS[name]!(seenOf(request, response))
        async function* rows() {
          for (const row of ROWS) {
            if (isGone()) return
            yield Buffer.from(row)
            await gone
            await turn()
          }
        }
        return new StreamableFile(Readable.from(rows()))
      }
      @Get('silent')
      @CacheResponse({ ttl: '1m' })
      async silent(@Req() request: Raw<IncomingMessage>, @Res() response: Raw<ServerResponse>) {
        runs++
        response.hijack?.()
        const seen = seenOf(request, response)
        const isGone = WAYS[name]!(seen)
        await gone
        await turn()
        if (!isGone()) seen.res.end('whole')
      }
      @Get('value')
      @CacheResponse({ ttl: '1m' })
      async value(@Req() request: Raw<IncomingMessage>, @Res({ passthrough: true }) response: Raw<ServerResponse>) {
        runs++
        const isGone = WAYS[name]!(seenOf(request, response))
        await gone
        await turn()
        return isGone() ? 'nothing' : 'whole'
      }
    }
    const responses = { maxFillTime, onUnkeyedInput() {} } as const
    let asked = 0
    const { url } = await start(adapter, moduleOf([Left], { responses }), {
      configure(app) {
        const server = app.getHttpServer() as Server
        server.prependListener('request', (req: Seen['req']) => {
          if (++asked === 1) (req.stream ?? req.socket).once('close', () => setImmediate(tellGone))
        })
      },
    })
    const ask = clients(url)
    const leader = ask(path)
    await vi.waitFor(() => expect(runs).toBe(1))
    const follower = ask(path)
    await vi.waitFor(() => expect(asked).toBe(2))
    leader.leave()
    const texts = [await follower.text, await ask(path).text]
    return { texts, runs }
  }

  test.each(Object.keys(WAYS))(
    'a handler that would stop for a client that has gone goes on for others: %s',
    async (name) => {
      expect(await left('/rows', name)).toEqual({ texts: [ROWS.join(''), ROWS.join('')], runs: 1 })
    },
  )

  test.each(Object.keys(WAYS))('a file is read to its end for others: %s', async (name) => {
    expect(await left('/file', name)).toEqual({ texts: [ROWS.join(''), ROWS.join('')], runs: 1 })
  })

  test.each(Object.keys(WAYS))(
    'a handler that would give a client that has gone no answer gives others theirs: %s',
    async (name) => {
      expect(await left('/silent', name)).toEqual({ texts: ['whole', 'whole'], runs: 1 })
    },
  )

  test.each(Object.keys(WAYS))('a value is made for others as well as for a client that has gone: %s', async (name) => {
    expect(await left('/value', name)).toEqual({ texts: ['whole', 'whole'], runs: 1 })
  })
})
