import type { Clock } from '@shelflife/core'

/** Those in this process who wait for a lease to end. */
export interface Waits {
  settled(key: string, ms: number): Promise<void>
  /** A lease may have ended: of this key, or of any. */
  look(key?: string): void
  isEmpty(): boolean
  close(): void
}

interface Wait {
  look(): void
  end(): void
}

/** `leftOf` says how long the lease on a key still runs. */
export function createWaits(clock: Clock, leftOf: (key: string) => number): Waits {
  const waiting = new Map<string, Set<Wait>>()

  function settled(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const all = waiting.get(key) ?? new Set()
      waiting.set(key, all)
      const until = clock.now() + ms
      let cancel = (): void => {}
      const wait: Wait = {
        look() {
          cancel()
          const left = Math.min(leftOf(key), until - clock.now())
          if (left <= 0) return wait.end()
          cancel = clock.after(left, wait.look)
        },
        end() {
          cancel()
          all.delete(wait)
          if (all.size === 0 && waiting.get(key) === all) waiting.delete(key)
          resolve()
        },
      }
      all.add(wait)
      wait.look()
    })
  }

  const everybody = (): readonly Wait[] => [...waiting.values()].flatMap((all) => [...all])

  return {
    settled,
    look(key) {
      const all = key === undefined ? everybody() : (waiting.get(key) ?? [])
      for (const wait of all) wait.look()
    },
    isEmpty: () => waiting.size === 0,
    close() {
      for (const wait of everybody()) wait.end()
    },
  }
}
