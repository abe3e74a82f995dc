import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process of its own, which runs a file of `children` that calls `serve`. */
export interface Child {
  call<Result>(name: string, argument?: unknown): Promise<Result>
  /** Events that it told, oldest first. */
  readonly events: readonly unknown[]
  /** SIGKILL. Calls that are not answered reject. May be called again. */
  kill(): Promise<void>
}

export interface ChildOptions {
  readonly setup: unknown
  /** Of Node. */
  readonly flags?: readonly string[]
  readonly heard?: (event: unknown, child: Child) => void
}

interface Call {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

interface Message {
  readonly id?: number
  readonly result?: unknown
  readonly error?: string
  readonly event?: unknown
}

export function startChild(file: string, { setup, flags = [], heard }: ChildOptions): Child {
  const child = fork(join(import.meta.dirname, 'children', file), [JSON.stringify(setup)], {
    execArgv: ['--conditions=@shelflife/source', ...flags],
  })
  const calls = new Map<number, Call>()
  const events: unknown[] = []
  let ids = 0

  child.on('message', ({ id, result, error, event }: Message) => {
    if (id === undefined) {
      events.push(event)
      heard?.(event, self)
      return
    }
    const call = calls.get(id)
    calls.delete(id)
    if (error === undefined) call?.resolve(result as never)
    else call?.reject(new Error(error))
  })
  const ended = once(child, 'exit').then(() => {
    for (const { reject } of calls.values()) reject(new Error(`${file} has ended`))
  })

  const self: Child = {
    events,
    call(name, argument) {
      const id = ++ids
      return new Promise((resolve, reject) => {
        calls.set(id, { resolve, reject })
        child.send({ id, name, argument }, (error) => error && reject(error))
      })
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
  return self
}

/** The value below which `share` of the numbers are. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
