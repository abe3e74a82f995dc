import type { Sinks } from './events.ts'

/** Work that goes on when no caller waits for it any more. */
export interface Background {
  /** Reports a failure as an event; nothing is left unhandled. */
  run(work: Promise<unknown>): void
  /** When all that runs now has ended. */
  settled(): Promise<void>
}

export function createBackground(sinks: Sinks, waitUntil: ((work: Promise<unknown>) => void) | undefined): Background {
  const running = new Set<Promise<unknown>>()
  return {
    run(work) {
      const handled: Promise<unknown> = work
        .catch((error: unknown) => sinks.backgroundError?.({ error }))
        .finally(() => running.delete(handled))
      running.add(handled)
      try {
        waitUntil?.(handled)
      } catch (error) {
        sinks.backgroundError?.({ error })
      }
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
