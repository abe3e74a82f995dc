/** Counts what is under way. V8 makes a `Set` anew each time that it becomes empty. */
export interface UnderWay {
  began(): void
  ended(): void
  /** Resolves when nothing is under way. */
  over(): Promise<void>
}

export function createUnderWay(): UnderWay {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    began() {
      count++
    },
    ended() {
      count--
      if (count > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    async over() {
      // more may have begun by the time that somebody hears of it
      while (count > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
