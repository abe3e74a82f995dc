import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { ChunkArguments, HeadArguments } from '@shelflife/node-http'
import { checkChunk, fieldsIn, fieldsOf, overlay, warn, writtenChunk } from '@shelflife/node-http'

/** What a handler answers, as far as it decides what becomes void. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderList
}

const STATUS = 'Cache-Status'

/** Puts a header back to what it was. */
function setBack(res: ServerResponse, name: string, value: ReturnType<ServerResponse['getHeader']>): void {
  if (value === undefined) res.removeHeader(name)
  else res.setHeader(name, value)
}

/** Adds what this cache says about a response to what others said before (RFC 9211 §2), when its headers are sent. */
export function appendCacheStatus(res: ServerResponse, value: string): void {
  const { writeHead } = res
  const pass = (args: HeadArguments): ServerResponse => Reflect.apply(writeHead, res, args) as ServerResponse
  let isAdded = false

  function added(args: HeadArguments): ServerResponse {
    const fields = fieldsIn(args)
    if (fields.some(([name]) => name.toLowerCase() === STATUS.toLowerCase())) {
      const [status, message] = args
      const head = [...fields.flat(), STATUS, value]
      return pass(typeof message === 'string' ? [status, message, head] : [status, head])
    }
    const before = res.getHeader(STATUS)
    res.appendHeader(STATUS, value)
    try {
      return pass(args)
    } catch (error) {
      setBack(res, STATUS, before)
      throw error
    }
  }

  res.writeHead = (...args: HeadArguments) => {
    if (isAdded) return pass(args)
    const sent = added(args)
    isAdded = true
    return sent
  }
}

const WITHOUT_LENGTH: ReadonlySet<number> = new Set([204, 304])

/** They say how a body is sent, or, of trailers, that it is not sent with its length. */
const FRAMING = ['content-length', 'transfer-encoding', 'trailer']

/** Who ends a response in one go lets Node count it, which is too late once the headers are made. */
function writeCountedHead(res: ServerResponse, bytes: Uint8Array): void {
  const isCounted = FRAMING.some((name) => res.hasHeader(name)) || WITHOUT_LENGTH.has(res.statusCode)
  if (!isCounted) res.setHeader('Content-Length', bytes.length)
  try {
    res.writeHead(res.statusCode)
  } catch (error) {
    if (!isCounted) res.removeHeader('Content-Length')
    throw error
  }
}

/** Waits with all of an answer until something has been done about it, which must not reject. */
export function beforeAnswer(res: ServerResponse, settle: (answer: Answer) => Promise<void>): void {
  const { writeHead, write, end, flushHeaders, destroy } = res
  const held: (() => unknown)[] = []
  let written: HeaderList = []
  let isSettling = false
  let isEnded = false

  async function open(): Promise<void> {
    await settle({ status: res.statusCode, headers: fieldsOf(res, written) })
    takeAway()
    for (const call of held) call()
    if (!isEnded) res.emit('drain')
  }

  function hold(call: () => unknown): void {
    held.push(call)
    if (isSettling) return
    isSettling = true
    open().catch((error: unknown) => {
      warn(error)
      destroy.call(res)
    })
  }

  const waiting = {
    writeHead(...args: HeadArguments) {
      const head = Reflect.apply(writeHead, res, args) as unknown
      written = fieldsIn(args)
      return head
    },
    write(...args: ChunkArguments) {
      checkChunk(args[0])
      if (isEnded) return false
      if (!res.headersSent) res.writeHead(res.statusCode)
      hold(() => Reflect.apply(write, res, args) as unknown)
      return false
    },
    end(...args: ChunkArguments) {
      const { bytes } = writtenChunk(args)
      if (isEnded) return res
      if (!res.headersSent) writeCountedHead(res, bytes)
      isEnded = true
      hold(() => Reflect.apply(end, res, args) as unknown)
      return res
    },
    flushHeaders() {
      if (!res.headersSent) res.writeHead(res.statusCode)
      hold(() => flushHeaders.call(res))
    },
  }

  const takeAway = overlay(res, {
    ...Object.fromEntries(Object.entries(waiting).map(([name, value]) => [name, { value }])),
    writableEnded: { get: () => isEnded },
  })
}
