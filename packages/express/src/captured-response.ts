import type { Handled, HandlerRun, HeaderList, Outgoing } from '@shelflife/http'
import type { Request, Response } from 'express'
import { EventEmitter } from 'node:events'

import type { ChunkArguments, HeadArguments, Opening, WrittenBody } from '@shelflife/node-http'
import {
  checkChunk,
  deferred,
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
import type { HandlerHead } from './handler-head.ts'
import { headOfHandler } from './handler-head.ts'
import { liveResponse } from './live-response.ts'
import { priorHeaders } from './prior-headers.ts'
import { shownRequest } from './shown-request.ts'

/** A response that its handler writes without any of it being sent. */
export interface CapturedResponse {
  /** What the handler answers, once its headers are known. Rejects when it breaks off before. */
  readonly outgoing: Promise<Handled>
  /** Resolves when the handler has written all, or has broken off. */
  readonly ended: Promise<void>
  /** Sends an answer, be it the handler's or another. */
  send(outgoing: Outgoing): void
  /** Nothing is sent. Gives the response back, or breaks it off as the handler did: then `false`. */
  giveBack(): boolean
  /** Breaks off what cannot be sent. */
  fail(error: unknown): void
}

interface CaptureInput {
  readonly req: Request
  readonly res: Response
  readonly how: HandlerRun
  /** How long a handler may go on for a client that has gone, in milliseconds. */
  readonly patience: number
}

const writeAfterEnd = (): Error => Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })

export function captureResponse({ req, res, how, patience }: CaptureInput): CapturedResponse {
  const { socket } = req
  const { emit, flush, cork, uncork, destroy } = res as Response & { flush?: () => void }
  const prior = priorHeaders(res)
  const shown = shownRequest({ req, res }, how)
  const addedLater = deferred<HeaderList>()
  const outgoing = deferred<Handled>()
  const ended = deferred<void>()
  const live = liveResponse(res, { added: addedLater.resolve, ended: settleUp, aside: shown.aside })
  const ending = heldEnd({ req, res, isWanted: isHeld, isSending: live.isSending, patience, tired: letGo, broken })
  // by something in front, while this waited for others
  const wasSent = res.headersSent
  let head: HandlerHead | undefined
  let body: WrittenBody | undefined
  let isStarted = false
  let isAnswered = false
  let isOver = false
  let isGone = false
  let isUnread = false
  let isBrokenOff = false
  let isFlushed = false
  let isUncovered = false
  let isMuted = false
  let letDestroy = (): void => {}

  /** Whether others may wait for what the handler makes, whoever asked for it. */
  function isWanted(): boolean {
    return how.isShared && !isOver && !isUnread
  }

  /** Whether the handler is to hear of no end: for the sake of others, or because an answer without a body is out before it. */
  function isHeld(): boolean {
    return isWanted() || (!isOver && !isUnread && !isGone && head?.hasBody === false)
  }

  /** When the handler has done its part and the client has got its own, the response is as it was. */
  function settleUp(): void {
    if (isOver && !isUncovered && (live.isEnded() || isGone)) uncover()
  }

  function uncover(): void {
    isUncovered = true
    isMuted = false
    // what goes on writing although nobody reads it must not reach a response that has ended
    if (!isUnread) takeAway()
    ending.tell()
  }

  /** Another answer than the handler's has gone out: its headers cannot be changed, and are not the handler's. */
  function mute(): void {
    how.decisions.noStore()
    isMuted = !isUncovered
  }

  function end(): void {
    isOver = true
    ending.show()
    shown.asCame()
    ended.resolve()
    settleUp()
  }

  function breakOff(error: unknown): void {
    if (isOver) return
    if (isStarted) body?.fail(error)
    else outgoing.reject(error)
    isStarted = true
    end()
  }

  /** Nobody waits for the handler any more: it hears so, and has its end. */
  function letGo(): void {
    isUnread = true
    ending.tell()
    breakOff(new Error('The connection ended before the response did'))
  }

  /** The connection has ended while there was something to send. */
  function lost(): void {
    isGone = true
    live.stop()
    settleUp()
  }

  /** The handler has ended the connection itself. */
  function broken(): void {
    lost()
    letGo()
  }

  /** Nobody reads the body. Whoever writes hears of it when the client has its answer. */
  function cancelled(): void {
    isUnread = true
    if (isGone || live.isEnded()) letGo()
  }

  function begin(content: Uint8Array<ArrayBuffer> | null | 'stream', by: Omit<Opening, 'hasBody'>): void {
    if (isStarted || head === undefined) return
    isStarted = true
    if (content === 'stream') body = writtenBody({ drained: () => void emit.call(res, 'drain'), cancelled })
    const { status, fields, hasBody } = head
    const headers = onWire(fields, { ...by, hasBody })
    const written = content === 'stream' ? (body?.stream ?? null) : content
    outgoing.resolve({ status, headers, body: written, addedLater: addedLater.promise })
  }

  const writeImplicitHead = (): unknown => head ?? res.writeHead(res.statusCode)

  function open(by: 'flushHeaders' | 'write', args: ChunkArguments = []): void {
    const isHeadWritten = head !== undefined
    writeImplicitHead()
    begin(head?.hasBody ? 'stream' : null, { by, args, isHeadWritten })
  }

  const written = {
    writeHead(...args: HeadArguments) {
      if (live.isSending()) return live.writeHead(args) as typeof res
      if (head !== undefined) throw headersSent('write')
      const written = shown.aside(() => headOfHandler({ req, res, prior, args }))
      // what is set in front of the cache cannot be taken away from a stored response
      if (written.removed.some((name) => name !== 'x-powered-by')) how.decisions.noStore()
      for (const name of written.extended) how.noteInput?.(`res.headers.${name}`)
      head = written
      return res
    },
    flushHeaders() {
      isFlushed = true
      open('flushHeaders')
    },
    write(...args: ChunkArguments) {
      checkChunk(args[0])
      const { bytes, callback } = writtenChunk(args)
      if (isOver) {
        if (callback !== undefined) process.nextTick(callback, writeAfterEnd())
        return false
      }
      open('write', args)
      ending.wrote()
      if (body !== undefined) return body.write(bytes, callback)
      if (callback !== undefined) process.nextTick(callback)
      return true
    },
    end(...args: ChunkArguments) {
      const { bytes, callback } = writtenChunk(args)
      const isHeadWritten = head !== undefined
      if (!isOver) writeImplicitHead()
      if (callback !== undefined) res.once('finish', callback)
      if (isOver) return res
      if (!isAnswered) letDestroy = heldDestroy(socket)
      begin(head?.hasBody ? bytes : null, { by: 'end', args, isHeadWritten })
      if (bytes.length > 0) body?.write(bytes)
      body?.close()
      end()
      return res
    },
    // nothing of the handler's is written to the connection
    cork: () => void (live.isSending() && cork.call(res)),
    uncork: () => void (live.isSending() && uncork.call(res)),
    destroy(error?: Error) {
      if (ending.isInFront()) return destroy.call(res, error)
      if (isOver && isAnswered) live.destroy()
      else if (isOver) socket.destroy(error)
      else isBrokenOff = true
      breakOff(error ?? new Error('The handler destroyed the response'))
      return res
    },
    emit(event: string, ...args: readonly unknown[]): boolean {
      if (event === 'timeout') return ending.timedOut(args)
      if (event === 'close' && !live.isEnded() && !isGone) lost()
      if ((event === 'close' || event === 'finish') && isHeld()) {
        ending.hold(event)
        return true
      }
      const isHeard = Reflect.apply(emit, res, [event, ...args]) as boolean
      if (event === 'close') letGo()
      return isHeard
    },
    // compression in front of the cache has another idea of when there is room
    on: EventEmitter.prototype.on,
  }

  const asIs = (name: string): unknown => Reflect.get(Object.getPrototypeOf(res) as object, name, res)

  const takeAway = overlay(res, {
    ...values(written),
    ...headMethods(res, { isSent: () => head !== undefined && !live.isSending(), isInVain: () => isMuted }),
    ...(flush && { flush: { value: () => void setImmediate(() => isGone || flush.call(res)) } }),
    headersSent: {
      get: () =>
        wasSent || (live.isSending() ? asIs('headersSent') : head !== undefined || (isAnswered && !isWanted())),
    },
    writableEnded: { get: () => (live.isSending() ? asIs('writableEnded') : isOver) },
    writableFinished: {
      get: () => isOver && asIs('writableFinished'),
    },
    // who waits in front for the end hears it by a list of its own, so that files are not given up with that
    __onFinished: { value: undefined },
  })

  if (ending.isLate && isWanted()) {
    lost()
    if (isWanted()) ending.hold('close')
    else letGo()
  }

  return {
    outgoing: outgoing.promise,
    ended: ended.promise,
    send(answer) {
      const isOwn = answer.status === head?.status
      prior.restore(isOwn ? (head?.removed ?? []) : [])
      res.statusMessage = isOwn ? (head?.message ?? '') : ''
      isAnswered = true
      try {
        if (isGone) live.sendHead(answer)
        else live.send(answer)
      } finally {
        letDestroy()
      }
      if (head === undefined) mute()
      if (isFlushed && !isGone && !live.isEnded()) live.flush()
    },
    giveBack() {
      letDestroy()
      ending.show()
      shown.asCame()
      addedLater.resolve([])
      if (isGone) return false
      uncover()
      if (isBrokenOff) live.destroy()
      else prior.restore([])
      return !isBrokenOff
    },
    fail(error) {
      letDestroy()
      breakOff(error)
      live.destroy()
    },
  }
}
