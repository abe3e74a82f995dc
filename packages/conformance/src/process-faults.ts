import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What can happen to a child process. */
export interface ProcessFaults {
  readonly pid: number
  /** Whether it still runs, or is paused. */
  isAlive(): boolean
  /**
   * SIGSTOP: its connections stay open, and nothing is answered.
   *
   * @throws Error if it does not run any more: its process id may be another's by now
   */
  pause(): void
  /**
   * SIGCONT.
   *
   * @throws Error if it does not run any more
   */
  resume(): void
  /** SIGKILL, also when it is paused. Resolves when it is gone. May be called again. */
  kill(): Promise<void>
}

/**
 * Pauses, resumes and kills a process that was started with `spawn` or `fork`. Not on Windows, which has no SIGSTOP.
 *
 * @throws Error if the process could not be started
 * @example
 * const server = processFaults(spawn('redis-server', ['--port', '7000']))
 * server.pause()
 */
export function processFaults(child: ChildProcess): ProcessFaults {
  const { pid } = child
  if (pid === undefined) throw new Error('this process was not started')
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null

  function signal(name: NodeJS.Signals): void {
    if (!isAlive()) throw new Error('this process does not run')
    child.kill(name)
  }

  return {
    pid,
    isAlive,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async kill() {
      if (!isAlive()) return
      const ended = once(child, 'exit')
      child.ref()
      // it would not matter to SIGKILL, but its parent would wait for what is stopped on some systems
      signal('SIGCONT')
      signal('SIGKILL')
      await ended
    },
  }
}
