import type { Clock } from './clock.ts'

/** Spares a loader that fails while old values can be served. */
export interface Backoff {
  /** Whether the key's last load failed so recently that another one should wait. */
  holds(key: string): boolean
  failed(key: string): void
  succeeded(key: string): void
}

const FIRST = 1000
const LONGEST = 30_000
const MOST_KEYS = 1000

/** Doubles from 1 s to 30 s with each failure in a row, less up to a half at random. Knows the last 1,000 keys. */
export function createBackoff(clock: Clock): Backoff {
  const keys = new Map<string, { readonly failures: number; readonly until: number }>()
  return {
    holds: (key) => clock.now() < (keys.get(key)?.until ?? 0),
    failed(key) {
      const failures = (keys.get(key)?.failures ?? 0) + 1
      const longest = Math.min(FIRST * 2 ** (failures - 1), LONGEST)
      keys.delete(key)
      keys.set(key, { failures, until: clock.now() + longest * (1 - Math.random() / 2) })
      if (keys.size > MOST_KEYS) keys.delete(keys.keys().next().value as string)
    },
    succeeded: (key) => void keys.delete(key),
  }
}
