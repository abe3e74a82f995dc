/** Calls that arrive at a rate, whether or not earlier ones are answered; those of a stall arrive after it, at once. */
export interface Arriving {
  /** Resolves when every call has settled. */
  stop(): Promise<void>
}

const TICK = 5

export function arriving(rate: number, call: (i: number) => Promise<unknown>): Arriving {
  const from = performance.now()
  const running = new Set<Promise<unknown>>()
  let made = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - from) * rate) / 1000)
    while (made < due) {
      const one = call(made++).finally(() => running.delete(one))
      running.add(one)
    }
  }, TICK)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}
