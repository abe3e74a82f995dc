import type { Sinks } from './events.ts'

/** Work that goes on when no caller waits for it any more. */
export interface Background {
  /** Reports a failure as an event, unless `failed` does; nothing is left unhandled. */
  run(work: Promise<unknown>, failed?: (error: unknown) => void): void
  /** When all that runs now has ended. */
  settled(): Promise<void>
}

export function createBackground(sinks: Sinks, waitUntil: ((work: Promise<unknown>) => void) | undefined): Background {
  const running = new Set<Promise<unknown>>()
  const report = (error: unknown): void => sinks.backgroundError?.({ error })
  return {
    run(work, failed = report) {
      const handled: Promise<unknown> = work.then(
        () => running.delete(handled),
        (error: unknown) => {
          running.delete(handled)
          failed(error)
        },
      )
      running.add(handled)
      try {
        waitUntil?.(handled)
      } catch (error) {
        report(error)
      }
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
