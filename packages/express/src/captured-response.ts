import type { HandlerRun, HeaderList, Outgoing } from '@shelflife/http'
import type { Request, Response } from 'express'
import { EventEmitter } from 'node:events'

import type { ChunkArguments, HeadArguments, WrittenBody } from '@shelflife/node-http'
import { fieldsIn, overlay, values, writtenBody, writtenChunk } from '@shelflife/node-http'
import { liveResponse } from './live-response.ts'
import { priorHeaders } from './prior-headers.ts'
import { quietSocket } from './quiet-socket.ts'
import { shownRequest } from './shown-request.ts'

/** A response that its handler writes without any of it being sent. */
export interface CapturedResponse {
  /** What the handler answers, once its headers are known. Rejects when it breaks off before. */
  readonly outgoing: Promise<Outgoing>
  /** Resolves when the handler has written all, or has broken off. */
  readonly ended: Promise<void>
  /** Sends an answer, be it the handler's or another. */
  send(outgoing: Outgoing): void
  /** Nothing is sent. Gives the response back, or breaks it off as the handler did: then `false`. */
  giveBack(): boolean
}

interface CaptureInput {
  readonly req: Request
  readonly res: Response
  readonly how: HandlerRun
  /** How long a handler may go on for a client that has gone, in milliseconds. */
  readonly patience: number
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304])

export function captureResponse({ req, res, how, patience }: CaptureInput): CapturedResponse {
  const { emit, flush, flushHeaders } = res as Response & { flush?: () => void }
  // whoever asked, others may wait for it
  const isShared = how.isShared
  const prior = priorHeaders(res)
  const showAsCame = shownRequest(req, how)
  const live = liveResponse(res, settleUp)
  let { socket } = res
  const quiet = isShared && socket !== null ? quietSocket(socket) : socket
  let head: { readonly status: number; readonly fields: HeaderList; readonly removed: readonly string[] } | undefined
  let body: WrittenBody | undefined
  let isStarted = false
  let isAnswered = false
  let isOver = false
  let isGone = false
  let isBrokenOff = false
  let isFlushed = false
  let isUncovered = false
  let release = (): void => {}
  let start = (_outgoing: Outgoing): void => {}
  let refuse = (_error: unknown): void => {}
  let endAll = (): void => {}
  const outgoing = new Promise<Outgoing>((resolve, reject) => {
    start = resolve
    refuse = reject
  })
  const ended = new Promise<void>((resolve) => {
    endAll = resolve
  })

  /** When the handler has done its part and the client has got its own, the response is as it was. */
  function settleUp(): void {
    if (!isOver || isUncovered || !(live.isEnded() || isGone)) return
    uncover()
    release()
  }

  function uncover(): void {
    isUncovered = true
    takeAway()
    Object.assign(res, { socket })
  }

  function end(): void {
    isOver = true
    showAsCame()
    endAll()
    settleUp()
  }

  function breakOff(error: unknown): void {
    if (isOver) return
    if (isStarted) body?.fail(error)
    else refuse(error)
    isStarted = true
    end()
  }

  /** The connection has ended while there was something to send. */
  function lost(): void {
    isGone = true
    const { readableEnded, errored } = req.socket
    const isByClient = readableEnded || errored !== null
    const timer = setTimeout(() => release(), patience)
    timer.unref()
    release = () => {
      release = () => {}
      clearTimeout(timer)
      Object.assign(res, { destroyed: true, _closed: true })
      emit.call(res, 'close')
      breakOff(new Error('The connection ended before the response did'))
      settleUp()
    }
    if (isOver || !isShared || !isByClient) release()
    // the handler goes on for others as if nothing had happened
    else Object.assign(res, { destroyed: false, _closed: false })
    live.stop()
  }

  function begin(content: Uint8Array<ArrayBuffer> | null | 'stream'): void {
    if (isStarted || head === undefined) return
    isStarted = true
    if (content === 'stream') {
      body = writtenBody({ drained: () => void emit.call(res, 'drain'), cancelled: () => isGone && release() })
    }
    start({ status: head.status, headers: head.fields, body: content === 'stream' ? (body?.stream ?? null) : content })
  }

  const writeImplicitHead = (): unknown => head ?? res.writeHead(res.statusCode)
  const hasBody = (): boolean => req.method !== 'HEAD' && head !== undefined && !WITHOUT_BODY.has(head.status)

  function open(): void {
    writeImplicitHead()
    begin(hasBody() ? 'stream' : null)
  }

  const written = {
    writeHead(...args: HeadArguments) {
      if (head !== undefined) {
        const error = new Error('Cannot write headers after they are sent to the client')
        throw Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
      }
      const [status, message] = args
      res.statusCode = status
      if (typeof message === 'string') res.statusMessage = message
      const { fields, removed } = prior.fieldsOfHandler(fieldsIn(args))
      // what is set in front of the cache cannot be taken away from a stored response
      if (removed.some((name) => name !== 'x-powered-by')) how.decisions.noStore()
      head = { status, fields, removed }
      return res
    },
    flushHeaders() {
      isFlushed = true
      open()
    },
    write(...args: ChunkArguments) {
      const { bytes, callback } = writtenChunk(args)
      if (isOver) return false
      open()
      if (body !== undefined) return body.write(bytes, callback)
      if (callback !== undefined) process.nextTick(callback)
      return true
    },
    end(...args: ChunkArguments) {
      const { bytes, callback } = writtenChunk(args)
      if (callback !== undefined) res.once('finish', callback)
      if (isOver) return res
      writeImplicitHead()
      begin(hasBody() ? bytes : null)
      if (bytes.length > 0) body?.write(bytes)
      body?.close()
      end()
      return res
    },
    destroy(error?: Error) {
      if (isOver) live.destroy()
      isBrokenOff = true
      breakOff(error ?? new Error('The handler destroyed the response'))
      return res
    },
    emit(event: string, ...args: readonly unknown[]): boolean {
      if (event !== 'close' || live.isEnded() || isGone) return Reflect.apply(emit, res, [event, ...args]) as boolean
      lost()
      return true
    },
    // compression in front of the cache has another idea of when there is room
    on: EventEmitter.prototype.on,
  }

  const takeAway = overlay(res, {
    ...values(written),
    ...(flush && { flush: { value: () => void setImmediate(() => isGone || flush.call(res)) } }),
    headersSent: { get: () => head !== undefined || isAnswered },
    writableEnded: { get: () => isOver },
    socket: {
      get: () => (isStarted || isAnswered ? socket : quiet),
      set(given: typeof socket) {
        socket = given
        // where Node keeps it elsewhere, it has to get there
        Reflect.set(Object.getPrototypeOf(res) as object, 'socket', given, res)
      },
    },
  })

  return {
    outgoing,
    ended,
    send(answer) {
      if (isGone) {
        if (answer.body instanceof ReadableStream) answer.body.cancel().catch(() => {})
        return
      }
      const isOwn = answer.status === head?.status
      prior.restore(isOwn ? (head?.removed ?? []) : [])
      if (!isOwn) res.statusMessage = ''
      isAnswered = true
      live.send(answer)
      if (isFlushed && !live.isEnded()) flushHeaders.call(res)
    },
    giveBack() {
      showAsCame()
      if (isGone) return false
      uncover()
      if (isBrokenOff) live.destroy()
      else prior.restore([])
      return !isBrokenOff
    },
  }
}
