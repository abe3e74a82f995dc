import { systemClock } from '@shelflife/core'

import { bytesOf } from './bytes-of.ts'

/** Why a body cannot be stored. */
export type CaptureFailure = 'too-large' | 'incomplete' | 'too-slow'

/** A body that goes to the client while it is kept. */
export interface CapturedBody {
  /** What the client reads. It may be cancelled: the capture goes on. */
  readonly live: ReadableStream<Uint8Array>
  /** All bytes when the body has ended cleanly, or why there are none. Never rejects. */
  readonly whole: Promise<Uint8Array<ArrayBuffer> | CaptureFailure>
  /** Ends the capture; the client goes on reading. */
  release(): void
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** Of a source that has all its chunks at hand nothing else would get a turn until it has given the last one. */
const CHUNKS_IN_A_TURN = 1024

const nextTurn = (): Promise<void> => new Promise((resolve) => void systemClock.after(0, resolve, { keepsAlive: true }))

const cutShort = (size: number, announced: number): Error =>
  new Error(`the body of the response ended after ${size} of the ${announced} bytes that its Content-Length says`)

/**
 * Hands a body on chunk by chunk and keeps a copy of up to `most` bytes. One that ends before the bytes that were `announced`
 * breaks off: whoever waits for the others would wait for ever. As long as it is kept it is read as fast as it
 * comes, so that a slow client holds up nobody who waits for the whole; no more than `most` bytes are ahead of the
 * client. From there on the client's own pace counts, and when it goes away the source is cancelled.
 */
export function captureBody(source: ReadableStream<Uint8Array>, most: number, announced = 0): CapturedBody {
  const reader = source.getReader()
  let chunks: Uint8Array[] = []
  let size = 0
  let given = 0
  let isKeeping = true
  let isGone = false
  let client: ReadableStreamDefaultController<Uint8Array>
  let settle = (_result: Uint8Array<ArrayBuffer> | CaptureFailure): void => {}
  let resume = (): void => {}

  const whole = new Promise<Uint8Array<ArrayBuffer> | CaptureFailure>((resolve) => {
    settle = resolve
  })

  function give(up: CaptureFailure): void {
    isKeeping = false
    chunks = []
    settle(up)
    if (isGone) stop()
  }

  const stop = (): void => void reader.cancel().catch(() => {})

  function keep(chunk: Uint8Array): void {
    if (size > most) give('too-large')
    else chunks.push(chunk)
  }

  /** When the client takes more, or the capture needs it. */
  async function turn(): Promise<void> {
    if (++given % CHUNKS_IN_A_TURN === 0) await nextTurn()
    while (!isKeeping && !isGone && (client.desiredSize ?? 0) <= 0) {
      await new Promise<void>((resolve) => {
        resume = resolve
      })
    }
  }

  async function pump(): Promise<void> {
    try {
      for (;;) {
        await turn()
        if (isGone && !isKeeping) return
        const { done, value } = await reader.read()
        if (done) break
        const bytes = bytesOf(value)
        size += bytes.length
        if (isKeeping) keep(bytes)
        if (!isGone) client.enqueue(bytes)
      }
      if (size < announced) throw cutShort(size, announced)
      if (isKeeping) settle(joined(chunks, size))
      if (!isGone) client.close()
    } catch (error) {
      settle('incomplete')
      if (!isGone) client.error(error)
      // what has failed itself does not mind
      stop()
    }
  }

  const live = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        client = controller
      },
      pull: () => resume(),
      cancel() {
        isGone = true
        resume()
        if (!isKeeping) stop()
      },
    },
    { highWaterMark: 1 },
  )
  void pump()
  return { live, whole, release: () => isKeeping && give('too-slow') }
}
