import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import { isBusy } from './open-database.ts'

/** Those who wait for the same lock: one of them tries for all. */
export interface Queue {
  /** Runs `work` once nobody is in the way, for so many milliseconds at most; what it throws is thrown. */
  run<T>(work: () => T, patience: number): Promise<T>
}

interface Waiting {
  readonly until: number
  readonly patience: number
  /** Whether it is over; not while somebody is in the way. */
  tries(): boolean
  reject(error: Error): void
}

/** Milliseconds between two attempts, at least, and what is added to them at random. */
const PAUSE = 1
const LONGER = 4
/** Milliseconds after which everybody else in this process has a turn. */
const SLICE = 5

/** Calls to SQLite block, so however many wait, what they ask takes one attempt at a time. */
export function createQueue(path: string, clock: Clock): Queue {
  const waiting = new Set<Waiting>()

  /** Whether nobody was in the way. */
  function serve(): boolean {
    const end = clock.now() + SLICE
    for (const one of waiting) {
      if (clock.now() > end) return true
      if (!one.tries()) return false
      waiting.delete(one)
    }
    return true
  }

  function giveUp(): void {
    const now = clock.now()
    for (const one of waiting) {
      if (now < one.until) continue
      waiting.delete(one)
      const problem = `${JSON.stringify(path)} was locked by others for ${one.patience} ms`
      one.reject(new ShelflifeError('store-timeout', problem))
    }
  }

  function tryAgain(): void {
    const isFree = serve()
    if (!isFree) giveUp()
    if (waiting.size === 0) return
    if (isFree) setImmediate(tryAgain)
    else pause()
  }

  // a command waits for it, and there is no connection that would keep the process alive
  const pause = (): unknown => clock.after(PAUSE + Math.random() * LONGER, tryAgain, { keepsAlive: true })

  return {
    run: <T>(work: () => T, patience: number) =>
      new Promise<T>((resolve, reject) => {
        function tries(): boolean {
          try {
            resolve(work())
          } catch (error) {
            if (isBusy(error)) return false
            reject(error as Error)
          }
          return true
        }
        if (waiting.size === 0 && tries()) return
        waiting.add({ until: clock.now() + patience, patience, tries, reject })
        if (waiting.size === 1) pause()
      }),
  }
}
