import type { Clock } from '@shelflife/core'

/** Those who wait for leases of other processes. */
export interface Waits {
  /** Resolves when the lease on a key has ended, or after `ms`. Never rejects. */
  settled(key: string, ms: number): Promise<void>
  wake(key: string): void
  close(): void
}

export interface WaitsInput {
  readonly clock: Clock
  /** How long the lease on a key still runs; has those who end it told that somebody waits. */
  watch(key: string): Promise<number>
  /** Whether those who end a lease can be heard. */
  isPushed(): boolean
  /** Whether they can ever be. */
  readonly mayBePushed: boolean
}

/** A wake-up may be lost. */
const PUSHED = 500
const SOONEST = 20
const LATEST = 200
/** Where nobody ever is told, and each look may cost money. */
const LATEST_UNPUSHED = 1000

export function createWaits({ clock, watch, isPushed, mayBePushed }: WaitsInput): Waits {
  const waiting = new Map<string, Set<() => void>>()
  const latest = mayBePushed ? LATEST : LATEST_UNPUSHED

  function settled(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const all = waiting.get(key) ?? new Set()
      waiting.set(key, all)
      let isOver = false
      let cancel = (): void => {}
      let pause = SOONEST
      const cancelEnd = clock.after(ms, end)

      function end(): void {
        isOver = true
        cancel()
        cancelEnd()
        all.delete(end)
        if (all.size === 0 && waiting.get(key) === all) waiting.delete(key)
        resolve()
      }

      async function look(): Promise<void> {
        const left = await watch(key).catch(() => LATEST)
        if (isOver) return
        if (left <= 0) return end()
        pause = Math.min(2 * pause, latest)
        // jitter, so that those who wait in many processes do not ask at once
        const wait = isPushed() ? PUSHED : pause * (0.5 + Math.random() / 2)
        cancel = clock.after(Math.min(wait, left + 1), () => void look())
      }

      all.add(end)
      void look()
    })
  }

  return {
    settled,
    wake(key) {
      for (const end of waiting.get(key) ?? []) end()
    },
    close() {
      for (const all of waiting.values()) for (const end of all) end()
    },
  }
}
