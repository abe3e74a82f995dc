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
  let waiting: Buffer[] = []
  let timer: NodeJS.Timeout | undefined

  /** So many of the bytes that wait, in the pieces that they came in. */
  function writeUpTo(most: number): void {
    let left = most
    let whole = 0
    for (const piece of waiting) {
      if (piece.length > left) break
      left -= piece.length
      whole++
      write(piece)
    }
    waiting.splice(0, whole)
    const [next] = waiting
    if (next === undefined || left === 0) return
    write(next.subarray(0, left))
    waiting[0] = next.subarray(left)
  }

  function flow(): void {
    timer = undefined
    const current = pace()
    writeUpTo(current?.bytes ?? Infinity)
    if (waiting.length > 0) timer = setTimeout(flow, current?.every)
  }

  return {
    push(bytes) {
      waiting.push(bytes)
      if (timer !== undefined) return
      const current = pace()
      if (current === undefined) flow()
      else timer = setTimeout(flow, current.every)
    },
    stop() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
