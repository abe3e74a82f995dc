import type { Count, Invalidated, Load, Report, Seen, Value } from './report.ts'
import { noCounts } from './report.ts'
import { machineTime } from './time.ts'

/** What a process notes between two reports. */
export interface Notes {
  count(name: Count): void
  saw(key: string, value: Value, read: ReadNote): void
  loaded(load: Load): void
  /** A command was called. Returns what says that it has ended and is noted. */
  called(at: number): () => void
  invalidated(one: Invalidated): void
  error(error: unknown): void
  /** The store has lost writes. */
  lost(): void
  /** What may explain how later reads are answered. */
  trouble(what: string): void
  /** Everything since the last time. */
  take(how: Pick<Report, 'isLast' | 'owes' | 'ill'>): Report
}

interface ReadNote extends Pick<Seen, 'how' | 'foundUntil'> {
  readonly startedAt: number
}

/** Of all reads that got the same value only the last counts: if one of them was wrong, that one was. */
export function createNotes(): Notes {
  let counts = noCounts()
  let seen = new Map<string, Seen>()
  let invalidated: Invalidated[] = []
  let loads: Load[] = []
  let lostAt: number[] = []
  // in the order of their calls
  const running = new Set<{ readonly at: number }>()
  let errors: string[] = []
  let troubleAt = -Infinity
  let lastTrouble = ''

  return {
    count: (name) => void counts[name]++,
    saw(key, value, { startedAt, how, ...found }) {
      const id = `${key} ${value.key} ${value.began} ${value.set ?? ''}`
      if (startedAt < (seen.get(id)?.lastStart ?? 0)) return
      const trouble =
        startedAt - troubleAt < 2000 ? `, ${(startedAt - troubleAt).toFixed()} ms after: ${lastTrouble}` : ''
      seen.set(id, { key, value, lastStart: startedAt, how: how + trouble, ...found })
    },
    trouble(what) {
      troubleAt = machineTime()
      lastTrouble = what
    },
    lost: () => void lostAt.push(machineTime()),
    loaded: (load) => void loads.push(load),
    called(at) {
      const call = { at }
      running.add(call)
      return () => void running.delete(call)
    },
    invalidated: (one) => void invalidated.push(one),
    error: (error) => void errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    take(how) {
      const at = machineTime()
      const [oldest] = running
      const noted = { seen: [...seen.values()], invalidated, loads, lostAt, counts, errors }
      counts = noCounts()
      seen = new Map()
      invalidated = []
      loads = []
      lostAt = []
      errors = []
      return { at, calledUntil: oldest?.at ?? at, ...noted, ...how }
    },
  }
}
