import type { IncomingMessage } from 'node:http'

/** The body of a request as it comes. */
export interface RequestBody {
  /** At the pace of who reads it. Nothing that happens to the connection is thrown anywhere else. */
  readonly stream: ReadableStream<Uint8Array>
  /** Nobody reads it any more: the rest goes nowhere, so that it does not hold up the connection. */
  release(): void
}

interface Limits {
  /** In bytes. */
  readonly most: number
  /** What whoever reads gets for a larger body. */
  tooLarge(): Error
}

export function requestBody(req: IncomingMessage, { most, tooLarge }: Limits): RequestBody {
  let size = 0
  let isBegun = false
  let controller: ReadableStreamDefaultController<Uint8Array>

  /** Of text where something in front has named an encoding for all. */
  function onData(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, req.readableEncoding ?? 'utf8') : chunk
    size += bytes.length
    if (size > most) return fail(tooLarge())
    controller.enqueue(new Uint8Array(bytes))
    req.pause()
  }

  function onEnd(): void {
    release()
    controller.close()
  }

  const onClose = (): void => fail(new Error('The connection ended before the request did'))

  function fail(error: Error): void {
    release()
    controller.error(error)
  }

  function release(): void {
    // what nobody has begun to read Node takes care of
    if (!isBegun) return
    req.off('data', onData).off('end', onEnd).off('error', fail).off('close', onClose)
    // an error has nobody to go to any more
    req.on('error', () => {}).resume()
  }

  function begin(): void {
    isBegun = true
    if (req.destroyed) return onClose()
    req.on('data', onData).on('end', onEnd).on('error', fail).on('close', onClose)
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull() {
        if (!isBegun) begin()
        req.resume()
      },
      cancel: release,
    },
    { highWaterMark: 0 },
  )
  return { stream, release }
}
