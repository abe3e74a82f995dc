import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type { CallersSetup, Order, Report, Word } from './report.ts'

/** A process of callers. */
export interface Callers {
  send(order: Order): void
  /** The next time it says so. Rejects when it ends before. */
  heard(word: Word['word']): Promise<void>
  /** Resolves with what it saw, and how it ended. */
  stop(): Promise<Ended>
  kill(): void
}

export interface Ended {
  readonly report: Report
  readonly code: number | null
  /** Milliseconds from the end of `close()` to the end of the process. */
  readonly exitAfter: number
  readonly stderr: string
}

const FILE = join(import.meta.dirname, '..', 'children', 'callers-under-fault.ts')
const LONGEST_EXIT = 10_000

export function startCallers(setup: CallersSetup): Callers {
  const child = fork(FILE, [JSON.stringify(setup)], {
    execArgv: ['--conditions=@shelflife/source', '--max-old-space-size=1024'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  let stderr = ''
  let report: Report | undefined
  let closedAt = 0
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  child.on('message', (word: Word) => {
    if (word.word !== 'report') return
    report = word.report
    closedAt = performance.now()
  })

  function heard(wanted: Word['word']): Promise<void> {
    return new Promise((resolve, reject) => {
      const listen = (word: Word): void => {
        if (word.word !== wanted) return
        child.off('message', listen)
        resolve()
      }
      child.on('message', listen)
      void ended.then(([code, signal]) => reject(new Error(`the callers ended: ${code ?? signal}, ${stderr}`)))
    })
  }

  return {
    heard,
    send: (order) => void child.send(order),
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.send({ order: 'stop' } satisfies Order)
      await heard('report')
      const giveUp = setTimeout(() => child.kill('SIGKILL'), LONGEST_EXIT)
      const [code] = await ended
      clearTimeout(giveUp)
      if (report === undefined) throw new Error('there is no report')
      return { report, code, exitAfter: performance.now() - closedAt, stderr }
    },
  }
}
