import type { Child } from './child.ts'
import { startChild } from './child.ts'
import type { Report, WorkerSetup } from './report.ts'
import { machineTime } from './time.ts'

/** One process of the soak as the harness sees it. */
export interface WorkerProcess extends Child {
  /** Resolves when it is at work, or has ended. */
  readonly started: Promise<unknown>
  /** Everything that ended in it before is reported. */
  reportedUntil(): number
  /** Every command that was called in it before is reported. */
  calledUntil(): number
  /** What it was ill with the last time that it reported; empty: nothing. */
  ill(): string
}

export function startWorker(setup: WorkerSetup, listener: (report: Report) => void): WorkerProcess {
  let until = machineTime()
  let called = until
  let isDone = false
  let ill = 'has not begun'
  const first = Promise.withResolvers<void>()
  const child = startChild<Report>({
    program: 'worker.ts',
    setup,
    listener(report) {
      until = report.at
      called = report.calledUntil
      isDone = report.isLast
      ill = report.ill
      listener(report)
      first.resolve()
    },
  })

  return {
    ...child,
    started: Promise.race([first.promise, child.ended]),
    reportedUntil: () => until,
    calledUntil: () => called,
    ill: () => ill,
    stop: async () => (await child.stop()) && isDone,
  }
}
