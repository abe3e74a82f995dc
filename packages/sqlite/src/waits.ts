import type { Clock } from '@shelflife/core'

/** Those in this process who wait for a lease to end. */
export interface Waits {
  settled(key: string, ms: number): Promise<void>
  /** Leases may have ended: of these keys, or of any. */
  look(keys?: readonly string[]): void
  isEmpty(): boolean
  close(): void
}

interface Wait {
  readonly key: string
  readonly until: number
  cancel(): void
  end(): void
}

/** `leftOf` says how long the lease on each of some keys still runs. */
export function createWaits(clock: Clock, leftOf: (keys: readonly string[]) => readonly number[]): Waits {
  const waiting = new Map<string, Set<Wait>>()

  function lookAt(keys: readonly string[]): void {
    if (keys.length === 0) return
    const lefts = leftOf(keys)
    for (const [i, key] of keys.entries()) for (const wait of waiting.get(key) ?? []) goOn(wait, lefts[i] as number)
  }

  function goOn(wait: Wait, leaseLeft: number): void {
    wait.cancel()
    const left = Math.min(leaseLeft, wait.until - clock.now())
    if (left <= 0) return wait.end()
    wait.cancel = clock.after(left, () => lookAt([wait.key]))
  }

  function settled(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const all = waiting.get(key) ?? new Set()
      waiting.set(key, all)
      const wait: Wait = {
        key,
        until: clock.now() + ms,
        cancel() {},
        end() {
          wait.cancel()
          all.delete(wait)
          if (all.size === 0 && waiting.get(key) === all) waiting.delete(key)
          resolve()
        },
      }
      all.add(wait)
      lookAt([key])
    })
  }

  return {
    settled,
    look: (keys = [...waiting.keys()]) => lookAt(keys.filter((key) => waiting.has(key))),
    isEmpty: () => waiting.size === 0,
    close() {
      for (const all of waiting.values()) for (const wait of all) wait.end()
    },
  }
}
