import type { Clock } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'

import { isBusy } from './open-database.ts'

/** Those who wait for the same lock: one of them tries for all. */
export interface Queue {
  /** Runs `work` once nobody is in the way, for so many milliseconds at most; what it throws is thrown. */
  run<T>(work: () => T, patience: number): Promise<T>
}

interface Waiting {
  readonly patience: number
  /** Milliseconds for which others had the file locked. */
  waited: number
  /** Whether it is over; not while somebody is in the way. */
  tries(): boolean
  reject(error: Error): void
}

/** Milliseconds between two attempts, at least, and what is added to them at random. */
const PAUSE = 1
const LONGER = 4
/** What counts between two attempts, at most: this process is late for more than that, and has not looked. */
const LONGEST_STEP = 2 * (PAUSE + LONGER)
/** Milliseconds after which everybody else in this process has a turn. */
const SLICE = 5

/** Calls to SQLite block, so however many wait, what they ask takes one attempt at a time. */
export function createQueue(path: string, clock: Clock): Queue {
  const waiting = new Set<Waiting>()
  /** When the last attempt ended. */
  let triedAt = -Infinity

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

  function giveUp(locked: number): void {
    for (const one of waiting) {
      one.waited += locked
      if (one.waited < one.patience) continue
      waiting.delete(one)
      const problem = `${JSON.stringify(path)} was locked by others for ${one.patience} ms`
      one.reject(new ShelflifeError('store-timeout', problem))
    }
  }

  function tryAgain(): void {
    const [before, locked] = [waiting.size, Math.min(clock.now() - triedAt, LONGEST_STEP)]
    const isFree = serve()
    // where somebody had a turn it was not locked
    if (!isFree && waiting.size === before) giveUp(locked)
    triedAt = clock.now()
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
        waiting.add({ patience, waited: 0, tries, reject })
        if (waiting.size > 1) return
        triedAt = clock.now()
        pause()
      }),
  }
}
