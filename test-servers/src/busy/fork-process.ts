import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { ProcessFaults } from '@shelflife/conformance/faults'
import { processFaults } from '@shelflife/conformance/faults'

/** A process of its own that takes words and says some. */
export interface Forked extends Pick<ProcessFaults, 'pause' | 'resume' | 'kill'> {
  /** The next thing that it says, or has said already. Rejects when it has ended. */
  heard<Word>(): Promise<Word>
  tell(word: string): void
}

export function forkProcess(file: URL, setup: unknown): Forked {
  const child = fork(fileURLToPath(file), [JSON.stringify(setup)], { execArgv: ['--conditions=@shelflife/source'] })
  const said: unknown[] = []
  const waiting: { resolve(word: unknown): void; reject(error: Error): void }[] = []
  let isOver = false
  child.on('message', (word) => {
    const next = waiting.shift()
    if (next === undefined) said.push(word)
    else next.resolve(word)
  })
  child.once('exit', () => {
    isOver = true
    for (const { reject } of waiting) reject(new Error(`${file.pathname} has ended`))
  })

  const { pause, resume, kill } = processFaults(child)
  return {
    async heard<Word>() {
      if (said.length > 0) return said.shift() as Word
      if (isOver) throw new Error(`${file.pathname} has ended`)
      return new Promise<unknown>((resolve, reject) => void waiting.push({ resolve, reject })) as Promise<Word>
    },
    // who has ended hears nothing, and the next `heard` says so
    tell: (word) => void child.send(word, () => {}),
    pause,
    resume,
    kill,
  }
}
