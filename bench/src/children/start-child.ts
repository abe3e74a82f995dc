import { fork } from 'node:child_process'
import { once } from 'node:events'

import type { Call, Verbs } from './calls.ts'
import { calls } from './calls.ts'

/** A process that is asked and asks back. */
export interface Child {
  readonly call: Call
  /** What it wrote to standard error so far. */
  errors(): string
  /** `undefined` while it runs; `-1` if a signal ended it. */
  exitCode(): number | undefined
  /** Lets go of it without ending it. Resolves when it ended by itself, or with `false` after `patience` milliseconds. */
  release(patience: number): Promise<boolean>
  /** SIGKILL. Resolves when it is gone. May be called again. */
  kill(): Promise<void>
}

/** What a child is started with. */
export interface ChildOptions {
  /** What it can ask for. Default: nothing. */
  readonly verbs?: Verbs
  /** Options of Node. Default: none. */
  readonly execArgv?: readonly string[]
}

/** Starts a program of this folder on its own. Values cross as structured clones, so that a Date stays a Date. */
export async function startChild(file: URL, { verbs = {}, execArgv = [] }: ChildOptions = {}): Promise<Child> {
  const child = fork(file, [], {
    serialization: 'advanced',
    execArgv: [...execArgv],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const ended = once(child, 'exit').then(() => true)
  const call = calls(child, verbs)
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  // what it says before it fails is the only clue
  child.once('exit', (code) => code && process.stderr.write(text))
  await once(child, 'spawn')
  return {
    call,
    errors: () => text,
    exitCode: () => (child.signalCode !== null ? -1 : (child.exitCode ?? undefined)),
    async release(patience) {
      if (child.connected) child.disconnect()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, patience, false)
      })
      const isOver = await Promise.race([ended, late])
      clearTimeout(timer)
      return isOver
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await ended
    },
  }
}
