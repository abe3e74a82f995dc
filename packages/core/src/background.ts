import type { Sinks } from './events.ts'

/** Work that goes on when no caller waits for it any more. */
export interface Background {
  /** Reports a failure as an event, unless `failed` does; nothing is left unhandled. */
  run(work: Promise<unknown>, failed?: (error: unknown) => void): void
  /** When all that runs now has ended. */
  settled(): Promise<void>
}

export function createBackground(sinks: Sinks, waitUntil: ((work: Promise<unknown>) => void) | undefined): Background {
  let running = 0
  /** Those who wait until nothing runs. */
  let waiting: (() => void)[] = []
  const report = (error: unknown): void => sinks.backgroundError?.({ error })

  function end(): void {
    if (--running > 0) return
    const told = waiting
    waiting = []
    for (const tell of told) tell()
  }

  return {
    run(work, failed = report) {
      running++
      const handled = work.then(end, (error: unknown) => {
        end()
        failed(error)
      })
      try {
        waitUntil?.(handled)
      } catch (error) {
        report(error)
      }
    },
    async settled() {
      while (running > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}
