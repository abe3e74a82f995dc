import type { HeaderList, Outgoing } from '@shelflife/http'
import { addedTo, discard, UNKNOWN_ADDITIONS } from '@shelflife/http'
import { breakingOff, fieldsOf, isChangedByLength, keepStar, sendableTo } from '@shelflife/node-http'
import type { ServerResponse } from 'node:http'

import { headOf } from './send-outgoing.ts'

/** The response that the client gets, with the methods that it had before others were put in front of them. */
export interface LiveResponse {
  send(outgoing: Outgoing): void
  /** The same for a client that has gone: what stands in front of the cache has its say about the head, and that is all. */
  sendHead(outgoing: Outgoing): void
  /** Sends the head, where the handler has asked for that. */
  flush(): void
  /** Whether the response is being sent at this moment: what asks it then is not the handler. */
  isSending(): boolean
  /** `writeHead` as it was before, for what stands in front of the cache. */
  writeHead(args: readonly unknown[]): unknown
  /** Whether all of it has been handed over. */
  isEnded(): boolean
  /** The client has gone. */
  stop(): void
  /** Breaks the connection off, so that the client sees that something is missing. */
  destroy(): void
}

interface LiveOptions {
  /** Is told which fields were added to the head on its way, or changed. */
  readonly added: (fields: HeaderList) => void
  readonly ended: () => void
  /** Runs what stands in front of the cache. */
  readonly aside: <Result>(step: () => Result) => Result
}

export function liveResponse(res: ServerResponse, { added, ended, aside }: LiveOptions): LiveResponse {
  const { setHeader, writeHead, write, end, on, flushHeaders } = res
  const destroy = breakingOff(res)
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  let isEnded = false
  let isStopped = false
  let isSending = false
  /** What was set before the head goes out; `undefined`: it has. */
  let given: HeaderList | undefined
  let status: Partial<Pick<ServerResponse, 'statusCode' | 'statusMessage'>> = {}
  let resume = (): void => {}

  const fieldsNow = (): HeaderList => aside(() => fieldsOf(res))

  /**
   * Something that sends the head if that is not yet out: implicitly, because who wraps `write` or `end` in front sets headers
   * there until then.
   */
  function step<Result>(run: () => Result): Result | undefined {
    let result: Result | undefined
    // the handler may have set another since, to no avail
    if (given !== undefined) Object.assign(res, status)
    try {
      aside(() => {
        isSending = true
        result = run()
      })
    } catch (error) {
      if (given !== undefined) added(UNKNOWN_ADDITIONS)
      given = undefined
      throw error
    } finally {
      isSending = false
    }
    if (given !== undefined) added(addedTo(given, fieldsNow()))
    given = undefined
    return result
  }

  function finish(body?: Uint8Array): void {
    isEnded = true
    const isApart = body !== undefined && given !== undefined && aside(() => isChangedByLength(res))
    if (isApart) pass(body)
    step(() => Reflect.apply(end, res, isApart ? [] : [body]) as unknown)
    ended()
  }

  /** Headers that are set one by one can be seen afterwards, those that are given to `writeHead` perhaps not. */
  function open(outgoing: Outgoing): void {
    const headers = sendableTo(res, outgoing.headers)
    const head = aside(() => headOf(res, { ...outgoing, headers }))
    for (const [name, value] of head) setHeader.call(res, name, value)
    keepStar(res)
    const { statusMessage } = res
    status = { statusCode: outgoing.status, statusMessage }
    given = fieldsNow()
  }

  const drained = () =>
    new Promise<void>((resolve) => {
      resume = resolve
    })

  /** @returns whether more may come already */
  const pass = (bytes: Uint8Array): boolean => step(() => Reflect.apply(write, res, [bytes]) as boolean) === true

  async function pump(from: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    Reflect.apply(on, res, ['drain', () => resume()])
    try {
      for (;;) {
        const { done, value } = await from.read()
        if (isStopped) return
        if (done) return finish()
        if (!pass(value)) await drained()
      }
    } catch {
      destroy()
    }
  }

  return {
    send(outgoing) {
      const { body } = outgoing
      open(outgoing)
      if (!(body instanceof ReadableStream)) return finish(body ?? undefined)
      reader = body.getReader()
      void pump(reader)
    },
    sendHead(outgoing) {
      discard(outgoing)
      try {
        open(outgoing)
        step(() => Reflect.apply(writeHead, res, [outgoing.status]) as unknown)
      } catch {
        // nobody is there to see it
        added(UNKNOWN_ADDITIONS)
      }
    },
    flush() {
      step(() => flushHeaders.call(res))
    },
    isSending: () => isSending,
    writeHead: (args) => Reflect.apply(writeHead, res, args) as unknown,
    isEnded: () => isEnded,
    stop() {
      isStopped = true
      reader?.cancel().catch(() => {})
      resume()
    },
    destroy() {
      added(UNKNOWN_ADDITIONS)
      destroy()
    },
  }
}
