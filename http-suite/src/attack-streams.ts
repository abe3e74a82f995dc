const encoder = new TextEncoder()

/** Waits. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What comes out of a stream, in order: text, or milliseconds without any, or the death of the origin. */
export type Step = string | number | Error

/** A body that comes step by step. */
export function stepwise(steps: readonly Step[]): ReadableStream<Uint8Array> {
  const left = [...steps]
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let step = left.shift(); step !== undefined; step = left.shift()) {
        if (step instanceof Error) throw step
        if (typeof step === 'string') return controller.enqueue(encoder.encode(step))
        await pause(step)
      }
      controller.close()
    },
  })
}
