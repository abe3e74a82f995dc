import type { Count, Invalidated, Report, Seen, Value } from './report.ts'
import { noCounts } from './report.ts'
import { machineTime } from './time.ts'

/** What a process notes between two reports. */
export interface Notes {
  count(name: Count): void
  saw(key: string, value: Value, read: { readonly startedAt: number; readonly how: string }): void
  invalidated(one: Invalidated): void
  error(error: unknown): void
  /** What may explain how later reads are answered. */
  trouble(what: string): void
  /** Everything since the last time. */
  take(isLast: boolean): Report
}

/** Of all reads that got the same value only the last counts: if one of them was wrong, that one was. */
export function createNotes(): Notes {
  let counts = noCounts()
  let seen = new Map<string, Seen>()
  let invalidated: Invalidated[] = []
  let errors: string[] = []
  let troubleAt = -Infinity
  let lastTrouble = ''

  return {
    count: (name) => void counts[name]++,
    saw(key, value, { startedAt, how }) {
      const id = `${key} ${value.key} ${value.began} ${value.set ?? ''}`
      if (startedAt < (seen.get(id)?.lastStart ?? 0)) return
      const trouble =
        startedAt - troubleAt < 2000 ? `, ${(startedAt - troubleAt).toFixed()} ms after: ${lastTrouble}` : ''
      seen.set(id, { key, value, lastStart: startedAt, how: how + trouble })
    },
    trouble(what) {
      troubleAt = machineTime()
      lastTrouble = what
    },
    invalidated: (one) => void invalidated.push(one),
    error: (error) => void errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    take(isLast) {
      const report = { at: machineTime(), seen: [...seen.values()], invalidated, counts, errors, isLast }
      counts = noCounts()
      seen = new Map()
      invalidated = []
      errors = []
      return report
    },
  }
}
