import type { LocalStore } from './store.ts'

/** Goes through the copies in this process, a few at a time. */
export interface Sweep {
  /** Begins with all copies that are there now. */
  start(): void
  /** Forgets what is left of it. */
  stop(): void
  /** Looks at this share of the copies, at one at least. */
  advance(share: number): void
}

export function createSweep(local: LocalStore | undefined, look: (key: string) => void): Sweep {
  let keys: Iterator<string> | undefined
  let entries = 0

  function step(): void {
    const next = keys?.next()
    if (next === undefined || next.done === true) keys = undefined
    else look(next.value)
  }

  return {
    start() {
      keys = local?.keys()[Symbol.iterator]()
      entries = local?.usage().entries ?? 0
    },
    stop() {
      keys = undefined
    },
    advance(share) {
      for (let due = 1 + entries * share; due > 0 && keys !== undefined; due--) step()
    },
  }
}
