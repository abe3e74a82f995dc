import type { HandlerRun, Outgoing } from '@shelflife/http'
import type { ChunkArguments, HeadArguments } from '@shelflife/node-http'
import { fieldsIn, fieldsOf, overlay, values, writtenChunk } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'
import { PassThrough, Readable, Stream } from 'node:stream'

import type { Platform } from './platform.ts'
import { headersOf } from './platform.ts'
import { priorHeaders } from './prior-headers.ts'
import { sendThrough } from './send-through.ts'
import { shownRequest } from './shown-request.ts'

/** A response that is written without any of it being sent. */
export interface CapturedResponse {
  /** What was written, once its headers are known. Rejects when it breaks off before. */
  readonly outgoing: Promise<Outgoing>
  /** Resolves when all of it was written, or it has broken off. */
  readonly ended: Promise<void>
  /** Sends an answer, be it this one or another. */
  send(outgoing: Outgoing): void
  /** Nothing more will be written. */
  breakOff(error: unknown): void
  /** There is no answer to send. */
  fail(): void
}

interface CaptureOptions {
  readonly how: HandlerRun
  /** How long a handler may go on for a client that has gone, in milliseconds. */
  readonly patience: number
  /** Whether it goes on for such a client. Default: when others may wait for the same. */
  readonly goesOn?: boolean
}

/** The longest that a body may pause when its client has gone, in milliseconds. */
const PAUSE = 1000

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304])

/** Takes what the platform writes for a handler, at the level of Node, where both platforms are alike. */
export function captureResponse(
  platform: Platform,
  { how, patience, goesOn = how.isShared }: CaptureOptions,
): CapturedResponse {
  const { req, res } = platform
  const { emit } = res
  const prior = priorHeaders(headersOf(platform))
  const showAsCame = shownRequest(platform, how)
  const client = sendThrough(res, prior)
  let head: Pick<Outgoing, 'status' | 'headers'> | undefined
  let body: PassThrough | undefined
  let isStarted = false
  let isOver = false
  let isBrokenOff = false
  let isDestroyed = false
  let isHeld = false
  let timer: NodeJS.Timeout | undefined
  let release = (): void => {}
  let start = (_outgoing: Outgoing): void => {}
  let refuse = (_error: unknown): void => {}
  const outgoing = new Promise<Outgoing>((resolve, reject) => {
    start = resolve
    refuse = reject
  })
  outgoing.catch(() => {})
  let endAll = (): void => {}
  const ended = new Promise<void>((resolve) => {
    endAll = resolve
  })

  function end(): void {
    isOver = true
    showAsCame()
    release()
    endAll()
  }

  function breakOff(error: unknown): void {
    if (isOver) return
    isBrokenOff = true
    if (isStarted) body?.destroy(error instanceof Error ? error : new Error(String(error)))
    else refuse(error)
    isStarted = true
    end()
  }

  function begin(content: Uint8Array<ArrayBuffer> | null | 'stream'): void {
    if (isStarted || head === undefined) return
    isStarted = true
    if (content !== 'stream') return start({ ...head, body: content })
    body = new PassThrough()
    // whoever reads it is told
    body.on('error', () => {})
    body.on('drain', () => void emit.call(res, 'drain'))
    start({ ...head, body: Readable.toWeb(body) as ReadableStream<Uint8Array> })
  }

  const writeImplicitHead = (): unknown => head ?? res.writeHead(res.statusCode)
  const hasBody = (): boolean => req.method !== 'HEAD' && head !== undefined && !WITHOUT_BODY.has(head.status)

  /** A source that closes without an end would be waited for in vain. */
  function watch(source: unknown): void {
    if (!(source instanceof Stream)) return
    source.once('close', () => breakOff(new Error('The source of the response closed before its end')))
  }

  /** What is being sent may be stopped by the platform, which sees the connection end: then it is not waited for. */
  function goOn(): void {
    clearTimeout(timer)
    timer = setTimeout(() => release(), body === undefined ? patience : Math.min(patience, PAUSE)).unref()
  }

  /** The client has gone; the handler goes on for others as if nothing had happened. */
  function lost(args: readonly unknown[]): void {
    isHeld = true
    release = () => {
      release = () => {}
      clearTimeout(timer)
      isHeld = false
      Reflect.apply(emit, res, ['close', ...args])
      breakOff(new Error('The connection ended before the response did'))
    }
    if (goesOn) goOn()
    else release()
  }

  const written = {
    writeHead(...args: HeadArguments) {
      if (head !== undefined) {
        const error = new Error('Cannot write headers after they are sent to the client')
        throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
      }
      const [status, message] = args
      if (typeof message === 'string') res.statusMessage = message
      res.statusCode = status
      const { fields, hasRemoved } = prior.fieldsOfHandler(fieldsOf(res, fieldsIn(args)))
      if (hasRemoved) how.decisions.noStore()
      head = { status: res.statusCode, headers: fields }
      return res
    },
    flushHeaders() {
      writeImplicitHead()
      begin(hasBody() ? 'stream' : null)
    },
    write(...args: ChunkArguments): boolean {
      const { bytes, callback } = writtenChunk(args)
      if (isOver) return false
      written.flushHeaders()
      if (isHeld) goOn()
      if (body !== undefined && !body.destroyed) return body.write(bytes, callback)
      if (callback !== undefined) process.nextTick(callback)
      return true
    },
    end(...args: ChunkArguments) {
      const { bytes, callback } = writtenChunk(args)
      if (callback !== undefined) res.once('finish', callback)
      if (isOver) return res
      writeImplicitHead()
      begin(hasBody() ? bytes : null)
      body?.end(bytes)
      end()
      return res
    },
    destroy(error?: Error) {
      if (isOver) client.destroy()
      breakOff(error ?? new Error('The handler destroyed the response'))
      return res
    },
    emit(event: string, ...args: readonly unknown[]): boolean {
      if (event === 'pipe') watch(args[0])
      if (event === 'close') client.stop()
      if (event !== 'close' || isOver || isHeld) return Reflect.apply(emit, res, [event, ...args]) as boolean
      lost(args)
      return true
    },
  } satisfies Partial<Record<keyof ServerResponse, unknown>>

  overlay(res, {
    ...values(written),
    headersSent: { get: () => head !== undefined || client.isAnswered() },
    writableEnded: { get: () => isOver },
    destroyed: {
      get: () => isDestroyed && !isHeld,
      set(given: boolean) {
        isDestroyed = given
      },
    },
  })

  return {
    outgoing,
    ended,
    breakOff,
    send(answer) {
      if (answer.status !== head?.status) res.statusMessage = ''
      client.send(answer)
    },
    fail() {
      if (isBrokenOff) client.destroy()
      else client.send({ status: 500, headers: [], body: null })
    },
  }
}
