import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process that ends when it is told to. */
export interface Child {
  /** Its exit code, when all that it sent has arrived; `null` if it was killed. */
  readonly ended: Promise<number | null>
  /** SIGKILL. Resolves when all that it sent has arrived. */
  kill(): Promise<void>
  /** Resolves when it has ended by itself; `false` if it did not, or ended with an error. */
  stop(): Promise<boolean>
}

export interface ChildInput<Message> {
  /** The file in this folder that it runs. */
  readonly program: string
  /** Its argument, as JSON. */
  readonly setup: unknown
  readonly listener: (message: Message) => void
}

/** Against hanging; what was begun on a busy machine may take its time. */
const PATIENCE = 60_000

async function endOf(child: ChildProcess): Promise<number | null> {
  // messages may arrive after the exit, but not after the channel was closed
  await Promise.all([
    child.exitCode ?? child.signalCode ?? once(child, 'exit'),
    child.connected && once(child, 'disconnect'),
  ])
  return child.exitCode
}

export function startChild<Message>({ program, setup, listener }: ChildInput<Message>): Child {
  const child = fork(join(import.meta.dirname, program), [JSON.stringify(setup)], {
    execArgv: ['--conditions=@shelflife/source'],
  })
  const ended = endOf(child)
  child.on('message', (message) => listener(message as Message))

  return {
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      if (child.connected) child.send('stop')
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
      const code = await ended
      clearTimeout(timer)
      return code === 0
    },
  }
}
