import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { ChunkArguments, HeadArguments } from '@shelflife/node-http'
import { fieldsIn, fieldsOf, overlay, writtenChunk } from '@shelflife/node-http'

/** What a handler answers, as far as it decides what becomes void. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderList
}

const STATUS = 'Cache-Status'

/** Adds what this cache says about a response to what others said before (RFC 9211 §2), when its headers are sent. */
export function appendCacheStatus(res: ServerResponse, value: string): void {
  const { writeHead } = res
  let isAdded = false
  res.writeHead = (...args: HeadArguments) => {
    if (isAdded) return Reflect.apply(writeHead, res, args) as ServerResponse
    isAdded = true
    const fields = fieldsIn(args)
    if (!fields.some(([name]) => name.toLowerCase() === STATUS.toLowerCase())) {
      res.appendHeader(STATUS, value)
      return Reflect.apply(writeHead, res, args) as ServerResponse
    }
    const [status, message] = args
    const head = [...fields.flat(), STATUS, value]
    const all = typeof message === 'string' ? [status, message, head] : [status, head]
    return Reflect.apply(writeHead, res, all) as ServerResponse
  }
}

const WITHOUT_LENGTH: ReadonlySet<number> = new Set([204, 304])

/** Who ends a response in one go lets Node count it, which is too late once the headers are made. */
function countAll(res: ServerResponse, args: ChunkArguments): void {
  const isCounted = res.headersSent || res.hasHeader('content-length') || res.hasHeader('transfer-encoding')
  if (!isCounted && !WITHOUT_LENGTH.has(res.statusCode))
    res.setHeader('Content-Length', writtenChunk(args).bytes.length)
}

/** Waits with all of an answer until something has been done about it, which must not reject. */
export function beforeAnswer(res: ServerResponse, settle: (answer: Answer) => Promise<void>): void {
  const { writeHead, write, end, flushHeaders } = res
  const held: (() => unknown)[] = []
  let written: HeaderList = []
  let isSettling = false
  let isEnded = false

  async function open(): Promise<void> {
    isSettling = true
    await settle({ status: res.statusCode, headers: fieldsOf(res, written) })
    takeAway()
    for (const call of held) call()
    if (!isEnded) res.emit('drain')
  }

  function hold(call: () => unknown): void {
    if (!res.headersSent) res.writeHead(res.statusCode)
    held.push(call)
    if (!isSettling) void open()
  }

  const waiting = {
    writeHead(...args: HeadArguments) {
      written = fieldsIn(args)
      return Reflect.apply(writeHead, res, args) as unknown
    },
    write(...args: ChunkArguments) {
      if (!isEnded) hold(() => Reflect.apply(write, res, args) as unknown)
      return false
    },
    end(...args: ChunkArguments) {
      if (isEnded) return res
      if (!isSettling) countAll(res, args)
      isEnded = true
      hold(() => Reflect.apply(end, res, args) as unknown)
      return res
    },
    flushHeaders() {
      hold(() => flushHeaders.call(res))
    },
  }

  const takeAway = overlay(res, {
    ...Object.fromEntries(Object.entries(waiting).map(([name, value]) => [name, { value }])),
    writableEnded: { get: () => isEnded },
  })
}
