import type { Cache } from '@shelflife/core'

/** What a cache says went wrong. */
export interface Trouble {
  /** Commands that failed or were given up, by what was said of them. */
  readonly storeErrors: readonly string[]
  /** How often the namespace was given up. */
  readonly overflows: number
  readonly breaker: readonly string[]
  readonly unhandled: readonly string[]
}

export interface Watched {
  /** Since the last `forget`. */
  trouble(): Trouble
  forget(): void
  stop(): void
}

export const NO_TROUBLE: Trouble = { storeErrors: [], overflows: 0, breaker: [], unhandled: [] }

export function watch(cache: Cache): Watched {
  const storeErrors = new Set<string>()
  const breaker: string[] = []
  const unhandled: string[] = []
  let overflows = 0
  const hear = (error: unknown): void => void unhandled.push(String(error))
  process.on('unhandledRejection', hear)
  const stops = [
    cache.on('storeError', ({ command, error }) => storeErrors.add(`${command}: ${String(error)}`)),
    cache.on('breaker', ({ state }) => breaker.push(state)),
    cache.on('overflow', () => overflows++),
    cache.on('backgroundError', ({ error }) => unhandled.push(`background: ${String(error)}`)),
    () => process.off('unhandledRejection', hear),
  ]
  return {
    trouble: () => ({
      storeErrors: [...storeErrors],
      overflows,
      breaker: [...breaker],
      unhandled: [...unhandled],
    }),
    forget() {
      storeErrors.clear()
      overflows = breaker.length = unhandled.length = 0
    },
    stop() {
      for (const stop of stops) stop()
    },
  }
}
