import type { HeaderList } from '@shelflife/http'
import type { ServerResponse } from 'node:http'

import type { ChunkArguments, HeadArguments } from '@shelflife/node-http'
import {
  breakingOff,
  checkChunk,
  checkHead,
  checkTrailer,
  fieldsIn,
  fieldsOf,
  headersSent,
  headMethods,
  overlay,
  values,
  warn,
  writtenChunk,
} from '@shelflife/node-http'

/** What a handler answers, as far as it decides what becomes void. */
interface Answer {
  readonly status: number
  readonly headers: HeaderList
}

const OF_THE_ANSWER = /^(?:content-(?!security)|etag$|last-modified$|location$|transfer-encoding$)/

/** Throws what Node would throw when it sends the head, which it does later: who wraps `end` in front sets headers there. */
function checkImplicitHead(res: ServerResponse): void {
  const status = checkHead(res, [res.statusCode])
  const hasBody = res.req.method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304
  checkTrailer(res, { status, fields: fieldsOf(res), hasBody })
}

/** What was to be sent, apart from what says more than this one answer. */
function takeBack(res: ServerResponse): void {
  for (const name of res.getHeaderNames()) if (OF_THE_ANSWER.test(name)) res.removeHeader(name)
  res.statusCode = 500
  res.statusMessage = ''
}

interface BeforeAnswer {
  /** What is to be done about the answer. */
  settle(answer: Answer): Promise<void>
  /** Is told why that failed, and has to answer then. Nothing of the answer goes out. */
  fail(error: unknown): void
}

/** Waits with all of an answer until something has been done about it. */
export function beforeAnswer(res: ServerResponse, { settle, fail }: BeforeAnswer): void {
  const { writeHead, write, end, flushHeaders, cork, uncork } = res
  const breakOff = breakingOff(res)
  const held: (() => unknown)[] = []
  let written: HeaderList = []
  /** Of the moment at which Node would have written the head. */
  let first: Pick<ServerResponse, 'statusCode' | 'statusMessage'> | undefined
  let isSettling = false
  let isOpen = false
  let isEnded = false

  const isHeld = (): boolean => isSettling && !isOpen
  const asIs = (name: string): unknown => Reflect.get(Object.getPrototypeOf(res) as object, name, res)

  /** What stands behind and has wrapped these methods since has its say about the head, and may end the answer later. */
  function open(): void {
    isOpen = true
    Object.assign(res, first)
    for (const call of held) call()
    if (!isEnded) res.emit('drain')
  }

  function giveUp(error: unknown): void {
    takeAway()
    // whoever is still writing must not write into the answer that takes the place of this one
    if (!isEnded) breakOff()
    else if (!res.headersSent) takeBack(res)
    fail(error)
  }

  function hold(call: () => unknown): void {
    if (isOpen) return void call()
    held.push(call)
    if (isSettling) return
    const { headersSent: isWritten, statusCode, statusMessage } = res
    if (!isWritten) first = { statusCode, statusMessage }
    isSettling = true
    settle({ status: res.statusCode, headers: fieldsOf(res, written) })
      .then(open, giveUp)
      .catch((error: unknown) => {
        warn(error)
        breakOff()
      })
  }

  /** Neither before nor after what is written around it. */
  function inTurn(call: () => void): void {
    if (isHeld()) held.push(call)
    else call()
  }

  const waiting = {
    writeHead(...args: HeadArguments) {
      if (isHeld()) throw headersSent('write')
      const head = Reflect.apply(writeHead, res, args) as unknown
      written = fieldsIn(args)
      return head
    },
    write(...args: ChunkArguments) {
      checkChunk(args[0])
      if (isOpen) return Reflect.apply(write, res, args) as boolean
      if (isEnded) return false
      if (!res.headersSent) checkImplicitHead(res)
      hold(() => Reflect.apply(write, res, args) as unknown)
      return false
    },
    end(...args: ChunkArguments) {
      if (isEnded) return res
      if (!res.headersSent) checkImplicitHead(res)
      // throws what `end` would throw
      writtenChunk(args)
      isEnded = true
      hold(() => Reflect.apply(end, res, args) as unknown)
      return res
    },
    flushHeaders() {
      if (!res.headersSent) checkImplicitHead(res)
      hold(() => flushHeaders.call(res))
    },
    cork: () => inTurn(() => cork.call(res)),
    uncork: () => inTurn(() => uncork.call(res)),
  }

  const takeAway = overlay(res, {
    ...values(waiting),
    ...headMethods(res, { isSent: isHeld }),
    headersSent: {
      get: () => isHeld() || asIs('headersSent'),
    },
    writableEnded: { get: () => (isOpen ? asIs('writableEnded') : isEnded) },
  })
}
