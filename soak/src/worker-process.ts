import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Report, WorkerSetup } from './report.ts'
import { machineTime } from './time.ts'

/** One process of the soak as the harness sees it. */
export interface WorkerProcess {
  readonly setup: WorkerSetup
  /** Everything that ended in it before is reported. */
  reportedUntil(): number
  /** SIGKILL. Resolves when all that it reported has arrived. */
  kill(): Promise<void>
  /** Resolves when it has ended by itself; `false` if it did not, or ended with an error. */
  stop(): Promise<boolean>
}

const PATIENCE = 20_000

async function endOf(child: ChildProcess): Promise<number | null> {
  // reports may arrive after the exit, but not after the channel was closed
  await Promise.all([
    child.exitCode ?? child.signalCode ?? once(child, 'exit'),
    child.connected && once(child, 'disconnect'),
  ])
  return child.exitCode
}

export function startWorker(setup: WorkerSetup, listener: (report: Report) => void): WorkerProcess {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(setup)], {
    execArgv: ['--conditions=@shelflife/source'],
  })
  const ended = endOf(child)
  let until = machineTime()
  let isDone = false
  child.on('message', (report: Report) => {
    until = report.at
    isDone = report.isLast
    listener(report)
  })

  return {
    setup,
    reportedUntil: () => until,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      if (child.connected) child.send('stop')
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
      const code = await ended
      clearTimeout(timer)
      return code === 0 && isDone
    },
  }
}
