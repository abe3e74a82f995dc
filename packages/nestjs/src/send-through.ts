import type { HeaderList, Outgoing } from '@shelflife/http'
import { fieldsOf } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'

import type { PriorHeaders } from './prior-headers.ts'

/** The way to the client, by the methods that a response has before others are put in front of them. */
export interface Client {
  /** What cannot be sent becomes a 500, or a broken connection. */
  send(outgoing: Outgoing): void
  isAnswered(): boolean
  /** Whether all has been handed over. */
  isEnded(): boolean
  /** It has gone. */
  stop(): void
  /** Breaks the connection off, so that the client sees that something is missing. */
  destroy(): void
}

interface ClientOptions {
  readonly prior: PriorHeaders
  /** Runs what stands in front of the cache. */
  readonly quietly: <Result>(run: () => Result) => Result
  /** Is told which fields were added to the head on its way, or changed. */
  readonly added?: (fields: HeaderList) => void
}

const FAILED: Outgoing = { status: 500, headers: [['Content-Length', '0']], body: null }

/** Nobody knows what would have been added. */
const UNKNOWN: HeaderList = [['Cache-Control', 'no-store']]

const lineOf = ([name, value]: HeaderList[number]): string => `${name.toLowerCase()}: ${value}`

function linesBeside(given: HeaderList, all: HeaderList): HeaderList {
  const known = new Set(given.map(lineOf))
  return all.filter((field) => !known.has(lineOf(field)))
}

function discard({ body }: Outgoing): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => {})
}

export function sendThrough(res: ServerResponse, { prior, quietly, added }: ClientOptions): Client {
  const { writeHead, write, end, destroy, once, removeHeader, appendHeader, flushHeaders } = res
  const isOverHttp2 = res.req.httpVersionMajor > 1
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isAnswered = false
  let isEnded = false
  let isGone = false
  let resume = (): void => {}

  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      resume = resolve
      Reflect.apply(once, res, ['drain', resolve])
    })

  const call = (method: unknown, args: readonly unknown[]): unknown =>
    quietly(() => Reflect.apply(method as (...args: unknown[]) => unknown, res, args))

  function set(headers: HeaderList): void {
    for (const [name] of headers) removeHeader.call(res, name)
    for (const [name, value] of headers) appendHeader.call(res, name, value)
  }

  function writeHeadOf(outgoing: Outgoing): void {
    const { status } = outgoing
    const headers = prior.headFor(res, outgoing)
    if (added === undefined && !isOverHttp2) return void call(writeHead, [status, headers.flat()])
    // what is set one by one can be seen afterwards
    set(headers)
    const given = fieldsOf(res)
    call(writeHead, [status])
    added?.(linesBeside(given, fieldsOf(res)))
  }

  function finish(body?: Uint8Array): void {
    isEnded = true
    // there `end` writes by whatever `write` was put in front of its own
    if (body !== undefined && isOverHttp2) call(write, [body])
    call(end, body === undefined || isOverHttp2 ? [] : [body])
  }

  async function pump(from: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await from.read()
        if (isGone) return
        if (done) return finish()
        if (call(write, [value]) !== true) await drained()
      }
    } catch {
      // whoever waits is to see that something was there
      flushHeaders.call(res)
      destroy.call(res)
    }
  }

  function sendAll(outgoing: Outgoing): void {
    writeHeadOf(outgoing)
    const { body } = outgoing
    if (!(body instanceof ReadableStream)) return finish(body ?? undefined)
    reader = body.getReader()
    void pump(reader)
  }

  function sendInstead(): void {
    try {
      sendAll(FAILED)
    } catch {
      destroy.call(res)
    }
  }

  /** What stands in front of the cache has its say about the head, although nobody gets it. */
  function sendHead(outgoing: Outgoing): void {
    discard(outgoing)
    try {
      writeHeadOf(outgoing)
    } catch {
      added?.(UNKNOWN)
    }
  }

  return {
    send(outgoing) {
      if (isAnswered) return discard(outgoing)
      isAnswered = true
      if (isGone) return sendHead(outgoing)
      try {
        sendAll(outgoing)
      } catch {
        discard(outgoing)
        added?.(UNKNOWN)
        sendInstead()
      }
    },
    isAnswered: () => isAnswered,
    isEnded: () => isEnded,
    stop() {
      isGone = true
      reader?.cancel().catch(() => {})
      resume()
    },
    destroy() {
      added?.(UNKNOWN)
      destroy.call(res)
    },
  }
}
