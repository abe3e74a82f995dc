/** A body that a handler writes. */
export interface WrittenBody {
  readonly stream: ReadableStream<Uint8Array>
  /**
   * Adds bytes.
   *
   * @param taken called when more may come
   * @returns whether more may come already
   */
  write(bytes: Uint8Array, taken?: () => void): boolean
  close(): void
  fail(error: unknown): void
}

interface WrittenBodyOptions {
  /** More may come after `write` said not yet. */
  readonly drained: () => void
  /** Nobody reads it any more. What is written from now on goes nowhere. */
  readonly cancelled: () => void
}

/** What may be ahead of the reader, in bytes: as much as Node keeps for a socket. */
const AHEAD = 64 * 1024

/** Turns what is written into a stream, so that who writes goes at the pace of who reads. */
export function writtenBody({ drained, cancelled }: WrittenBodyOptions): WrittenBody {
  let controller: ReadableStreamDefaultController<Uint8Array>
  let waiting: (() => void)[] = []
  let isFull = false
  let isOver = false

  function resume(): void {
    const callbacks = waiting
    waiting = []
    for (const taken of callbacks) taken()
    if (!isFull) return
    isFull = false
    drained()
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull: resume,
      cancel() {
        isOver = true
        cancelled()
        resume()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: AHEAD }),
  )

  return {
    stream,
    write(bytes, taken) {
      if (!isOver && bytes.length > 0) controller.enqueue(bytes)
      isFull = !isOver && (controller.desiredSize ?? 0) <= 0
      if (taken !== undefined && isFull) waiting.push(taken)
      else if (taken !== undefined) process.nextTick(taken)
      return !isFull
    },
    close() {
      if (isOver) return
      isOver = true
      controller.close()
      resume()
    },
    fail(error) {
      if (isOver) return
      isOver = true
      controller.error(error)
      resume()
    },
  }
}
