import type { Sinks } from './events.ts'
import { createUnderWay } from './under-way.ts'

/** Work that goes on when no caller waits for it any more. */
export interface Background {
  /** Reports a failure as an event, unless `failed` does; nothing is left unhandled. */
  run(work: Promise<unknown>, failed?: (error: unknown) => void): void
  /** When all that runs now has ended. */
  settled(): Promise<void>
}

export function createBackground(sinks: Sinks, waitUntil: ((work: Promise<unknown>) => void) | undefined): Background {
  const running = createUnderWay()
  const report = (error: unknown): void => sinks.backgroundError?.({ error })
  return {
    run(work, failed = report) {
      running.began()
      const handled = work.then(running.ended, (error: unknown) => {
        running.ended()
        failed(error)
      })
      try {
        waitUntil?.(handled)
      } catch (error) {
        report(error)
      }
    },
    settled: running.over,
  }
}
