import { systemClock } from '@shelflife/core'
import type { Handled, HandlerRun, HeaderList, Outgoing } from '@shelflife/http'
import type { ChunkArguments, HeadArguments, Opening, WrittenBody } from '@shelflife/node-http'
import {
  checkChunk,
  checkHead,
  checkTrailer,
  deferred,
  fieldsIn,
  fieldsOf,
  headersSent,
  headMethods,
  heldDestroy,
  heldEnd,
  onWire,
  overlay,
  values,
  writtenBody,
  writtenChunk,
} from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'
import { Stream } from 'node:stream'

import type { Platform } from './platform.ts'
import { headersOf } from './platform.ts'
import { priorHeaders } from './prior-headers.ts'
import { sendThrough } from './send-through.ts'
import { shownRequest } from './shown-request.ts'

/** A response that is written without any of it being sent. */
export interface CapturedResponse {
  /** What was written, once its headers are known. Rejects when it breaks off before. */
  readonly outgoing: Promise<Handled>
  /** Resolves when all of it was written, or it has broken off. */
  readonly ended: Promise<void>
  /** Sends an answer, be it this one or another. */
  send(outgoing: Outgoing): void
  /** Nothing more will be written. */
  breakOff(error: unknown): void
  /** The handler has done its part, or failed: Nest and the platform go on outside its async context. */
  leave(): void
  /** Whether the client has gone without its answer. */
  isLost(): boolean
  /** There is no answer to send. */
  fail(): void
}

interface CaptureOptions {
  readonly how: HandlerRun
  /** How long a handler may go on for a client that has gone, in milliseconds. */
  readonly patience: number
  /** Whether it goes on for such a client. Default: when others may wait for the same. */
  readonly goesOn?: boolean
  /** Nobody reads its body any more. */
  readonly cancelled?: () => void
}

/** The longest that a body may pause when its client has gone, in milliseconds. */
const PAUSE = 1000

const hasNoBody = (status: number): boolean => status < 200 || status === 204 || status === 304

/** Takes what the platform writes for a handler, at the level of Node, where both platforms are alike. */
export function captureResponse(
  platform: Platform,
  { how, patience, goesOn = how.isShared, cancelled = () => {} }: CaptureOptions,
): CapturedResponse {
  const { req, res } = platform
  const { socket } = req
  const { emit, cork, uncork, destroy } = res
  // by something in front, while this waited for others
  const wasSent = res.headersSent
  const isOverHttp2 = req.httpVersionMajor > 1
  const prior = priorHeaders(headersOf(platform))
  const shown = shownRequest(platform, how)
  const added = deferred<HeaderList>()
  const client = sendThrough(res, { prior, quietly: shown.quietly, added: added.resolve })
  const ending = heldEnd({ req, res, isWanted, isSending: client.isSending, patience, tired: letGo, broken })
  const started = deferred<Handled>()
  const ended = deferred<void>()
  let head: Pick<Outgoing, 'status' | 'headers'> | undefined
  let reason = ''
  let body: WrittenBody | undefined
  let isStarted = false
  let isOver = false
  let isUnread = false
  let isBrokenOff = false
  let isLost = false
  /** Once its answer is sent. */
  let isDestroyed = false
  let cancel = (): void => {}
  let comeBack = (): void => {}
  let letDestroy = (): void => {}

  /** Whether others may wait for what the handler makes, whoever asked for it. */
  function isWanted(): boolean {
    return goesOn && !isOver && !isUnread
  }

  function end(): void {
    isOver = true
    cancel()
    comeBack()
    ending.show()
    shown.end()
    ended.resolve()
    process.nextTick(() => ending.tell())
  }

  function breakOff(error: unknown): void {
    if (isOver) return
    isBrokenOff = true
    if (isStarted) body?.fail(error)
    else started.reject(error)
    isStarted = true
    end()
  }

  /** Nobody waits for the handler any more: it hears so, and has its end. */
  function letGo(): void {
    if (isOver) return
    isUnread = true
    ending.tell()
    breakOff(new Error('The connection ended before the response did'))
  }

  /** Nobody reads the body. Whoever writes it hears of that when the client has its answer. */
  function unread(): void {
    isUnread = true
    if (isLost || client.isEnded()) letGo()
    cancelled()
  }

  function begin(content: Uint8Array<ArrayBuffer> | null | 'stream', by: Omit<Opening, 'hasBody'>): void {
    if (isStarted || head === undefined) return
    isStarted = true
    if (content === 'stream') body = writtenBody({ drained: () => void emit.call(res, 'drain'), cancelled: unread })
    started.resolve({
      ...head,
      headers: isOverHttp2 ? head.headers : onWire(head.headers, { ...by, hasBody: hasBody() }),
      body: content === 'stream' ? (body?.stream ?? null) : content,
      addedLater: added.promise,
    })
  }

  const writeImplicitHead = (): unknown => head ?? res.writeHead(res.statusCode)
  const hasBody = (status = head?.status ?? 0): boolean => req.method !== 'HEAD' && !hasNoBody(status)

  function open(by: 'flushHeaders' | 'write', args: ChunkArguments = []): void {
    const isHeadWritten = head !== undefined
    writeImplicitHead()
    begin(hasBody() ? 'stream' : null, { by, args, isHeadWritten })
  }

  /** A source that closes without an end would be waited for in vain. */
  function watch(source: unknown): void {
    if (!(source instanceof Stream)) return
    source.once('close', () => breakOff(new Error('The source of the response closed before its end')))
  }

  /** What is being sent may be stopped by the platform, which sees the connection end: then it is not waited for. */
  function goOn(): void {
    cancel()
    cancel = systemClock.after(body === undefined ? patience : Math.min(patience, PAUSE), letGo)
  }

  /** The client has gone; the handler goes on for others as if nothing had happened. */
  function lost(): void {
    isLost = true
    ending.hold('close')
    goOn()
  }

  /** The handler has ended the connection itself. */
  function broken(): void {
    isLost = true
    client.stop()
    letGo()
  }

  const written = {
    writeHead(...args: HeadArguments) {
      if (client.isSending()) return client.writeHead(args) as typeof res
      if (head !== undefined) throw headersSent('write')
      const status = checkHead(res, args)
      const { fields, hasRemoved, extended } = shown.quietly(() => prior.fieldsOfHandler(fieldsOf(res, fieldsIn(args))))
      shown.quietly(() => checkTrailer(res, { status, fields, hasBody: hasBody(status) }))
      const [, message] = args
      if (typeof message === 'string' && !isOverHttp2) res.statusMessage = message
      res.statusCode = status
      if (hasRemoved) how.decisions.noStore()
      for (const name of extended) how.noteInput?.(`res.headers.${name}`)
      head = { status, headers: fields }
      if (!isOverHttp2) reason = res.statusMessage
      shown.headWritten()
      return res
    },
    flushHeaders() {
      open('flushHeaders')
    },
    write(...args: ChunkArguments): boolean {
      checkChunk(args[0])
      const { bytes, callback } = writtenChunk(args)
      if (isOver) {
        if (callback !== undefined) process.nextTick(callback, new Error('The response is over'))
        return false
      }
      open('write', args)
      ending.wrote()
      if (isLost) goOn()
      if (body !== undefined) return body.write(bytes, callback)
      if (callback !== undefined) process.nextTick(callback)
      return true
    },
    end(...args: ChunkArguments) {
      const { bytes, callback } = writtenChunk(args)
      if (isOver) return res
      const isHeadWritten = head !== undefined
      writeImplicitHead()
      if (callback !== undefined) res.once('finish', callback)
      if (!isOverHttp2 && !client.isAnswered()) letDestroy = heldDestroy(socket)
      begin(hasBody() ? bytes : null, { by: 'end', args, isHeadWritten })
      if (bytes.length > 0) body?.write(bytes)
      body?.close()
      end()
      return res
    },
    // nothing of the handler's is written to the connection
    cork: () => void (client.isSending() && cork.call(res)),
    uncork: () => void (client.isSending() && uncork.call(res)),
    destroy(error?: Error) {
      if (ending.isInFront()) return destroy.call(res, error)
      if (isOver && client.isAnswered()) client.destroy()
      else isDestroyed = isOver
      breakOff(error ?? new Error('The handler destroyed the response'))
      return res
    },
    emit(event: string, ...args: readonly unknown[]): boolean {
      if (event === 'timeout') return ending.timedOut(args)
      if (event === 'pipe') watch(args[0])
      if (event === 'close' && !client.isEnded()) client.stop()
      if ((event !== 'finish' && event !== 'close') || !isWanted()) {
        const isHeard = Reflect.apply(emit, res, [event, ...args]) as boolean
        if (event === 'close' && !isOver) letGo()
        return isHeard
      }
      if (client.isEnded()) ending.hold(event)
      // over HTTP/2 a client that goes away looks at first like one that has all
      else if (event === 'close' && !isLost) lost()
      return true
    },
  } satisfies Partial<Record<keyof ServerResponse, unknown>>

  const asIs = (name: string): unknown => Reflect.get(Object.getPrototypeOf(res) as object, name, res)

  overlay(res, {
    ...values(written),
    ...headMethods(res, { isSent: () => head !== undefined && !client.isSending() }),
    headersSent: {
      get: () => wasSent || (client.isSending() ? asIs('headersSent') : head !== undefined || client.isAnswered()),
    },
    writableEnded: { get: () => (client.isSending() ? asIs('writableEnded') : isOver) },
  })

  if (ending.isLate && isWanted()) {
    client.stop()
    lost()
  }

  return {
    outgoing: started.promise,
    ended: ended.promise,
    breakOff,
    leave() {
      if (!isOver) comeBack = how.leaveContext?.() ?? comeBack
    },
    isLost: () => isLost || socket.destroyed,
    send(answer) {
      if (!isOverHttp2) res.statusMessage = answer.status === head?.status ? reason : ''
      client.send(answer)
      letDestroy()
      if (isDestroyed) client.destroy()
    },
    fail() {
      letDestroy()
      if (isBrokenOff || client.isAnswered()) client.destroy()
      else client.send({ status: 500, headers: [], body: null })
    },
  }
}
