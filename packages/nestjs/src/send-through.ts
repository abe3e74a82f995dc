import type { HeaderList, Outgoing } from '@shelflife/http'
import { addedTo, discard, UNKNOWN_ADDITIONS } from '@shelflife/http'
import { breakingOff, fieldsOf, isChangedByLength, keepStar } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'

import type { PriorHeaders } from './prior-headers.ts'

/** The way to the client, by the methods that a response has before others are put in front of them. */
export interface Client {
  /** What cannot be sent becomes a 500, or a broken connection. */
  send(outgoing: Outgoing): void
  isAnswered(): boolean
  /** Whether the response is being sent at this moment: what asks it then is not the handler. */
  isSending(): boolean
  /** `writeHead` as it was before, for what stands in front of the cache. */
  writeHead(args: readonly unknown[]): unknown
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

export function sendThrough(res: ServerResponse, { prior, quietly, added }: ClientOptions): Client {
  const { writeHead, write, end, once, setHeader, flushHeaders } = res
  const destroy = breakingOff(res)
  const isOverHttp2 = res.req.httpVersionMajor > 1
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isAnswered = false
  let isEnded = false
  let isGone = false
  let isSending = false
  /** What was set before the head goes out; `undefined`: it has. */
  let given: HeaderList | undefined
  let status: Partial<Pick<ServerResponse, 'statusCode' | 'statusMessage'>> = {}
  let resume = (): void => {}

  const fieldsNow = (): HeaderList => quietly(() => fieldsOf(res))

  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      resume = resolve
      Reflect.apply(once, res, ['drain', resolve])
    })

  /**
   * Calls a method that sends the head if that is not yet out: implicitly, because who wraps `write` or `end` in front sets
   * headers there until then.
   */
  function call(method: unknown, args: readonly unknown[]): unknown {
    isSending = true
    // the handler may have set another since, to no avail
    if (given !== undefined) Object.assign(res, status)
    try {
      const result = quietly(() => Reflect.apply(method as (...args: unknown[]) => unknown, res, args))
      if (given !== undefined) added?.(addedTo(given, fieldsNow()))
      return result
    } catch (error) {
      if (given !== undefined) added?.(UNKNOWN_ADDITIONS)
      throw error
    } finally {
      given = undefined
      isSending = false
    }
  }

  function set(headers: HeaderList): void {
    const lines = new Map<string, [name: string, ...values: string[]]>()
    for (const [name, value] of headers) {
      const known = lines.get(name.toLowerCase())
      if (known === undefined) lines.set(name.toLowerCase(), [name, value])
      else known.push(value)
    }
    for (const [name, ...values] of lines.values())
      setHeader.call(res, name, values.length === 1 ? (values[0] ?? '') : values)
  }

  function writeHeadOf(outgoing: Outgoing): void {
    isSending = true
    try {
      set(prior.headFor(res, outgoing))
      keepStar(res)
    } finally {
      isSending = false
    }
    status = { statusCode: outgoing.status, ...(!isOverHttp2 && { statusMessage: res.statusMessage }) }
    // what is set one by one can be seen afterwards
    given = fieldsNow()
  }

  function finish(body?: Uint8Array): void {
    isEnded = true
    // over HTTP/2 `end` writes by whatever `write` was put in front of its own
    const isApart = body !== undefined && (isOverHttp2 || (given !== undefined && isChangedByLength(res)))
    if (isApart) call(write, [body])
    call(end, body === undefined || isApart ? [] : [body])
  }

  /** Whoever waits is to see that something was there. */
  function breakOff(): void {
    try {
      call(flushHeaders, [])
    } catch {
      // there is nothing to be seen
    }
    destroy()
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
      breakOff()
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
      destroy()
    }
  }

  /** What stands in front of the cache has its say about the head, although nobody gets it. */
  function sendHead(outgoing: Outgoing): void {
    discard(outgoing)
    try {
      writeHeadOf(outgoing)
      call(writeHead, [outgoing.status])
    } catch {
      added?.(UNKNOWN_ADDITIONS)
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
        added?.(UNKNOWN_ADDITIONS)
        sendInstead()
      }
    },
    isAnswered: () => isAnswered,
    isSending: () => isSending,
    writeHead: (args) => Reflect.apply(writeHead as (...all: unknown[]) => unknown, res, args),
    isEnded: () => isEnded,
    stop() {
      isGone = true
      reader?.cancel().catch(() => {})
      resume()
    },
    destroy() {
      added?.(UNKNOWN_ADDITIONS)
      destroy()
    },
  }
}
