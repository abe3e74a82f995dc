/** So many bytes every so many milliseconds. */
export interface Pace {
  readonly bytes: number
  readonly every: number
}

export interface Trickle {
  push(bytes: Buffer): void
  stop(): void
}

/** Hands bytes on in order at the pace of the moment, at once where there is none. */
export function trickle(write: (bytes: Buffer) => void, pace: () => Pace | undefined): Trickle {
  let waiting: Buffer = Buffer.alloc(0)
  let timer: NodeJS.Timeout | undefined

  function flow(): void {
    timer = undefined
    if (waiting.length === 0) return
    const { bytes, every } = pace() ?? { bytes: waiting.length, every: 0 }
    const now = waiting.subarray(0, bytes)
    waiting = waiting.subarray(bytes)
    write(now)
    if (waiting.length > 0) timer = setTimeout(flow, every)
  }

  return {
    push(bytes) {
      waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
      if (timer !== undefined) return
      const current = pace()
      if (current === undefined) flow()
      else timer = setTimeout(flow, current.every)
    },
    stop() {
      clearTimeout(timer)
      waiting = Buffer.alloc(0)
    },
  }
}
