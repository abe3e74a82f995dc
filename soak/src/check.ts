import type { Invalidated, Seen } from './report.ts'

/** Who read or invalidated. */
export interface Party {
  readonly id: number
  /** Milliseconds that others' invalidations may take to reach it: `maxDrift` where it has a local store, else 0. */
  readonly grace: number
}

/** A read that returned what was invalidated before it was started. */
export interface Violation {
  readonly reader: Party
  readonly seen: Seen
  /** `undefined`: the value belongs to another key. */
  readonly floor: Floor | undefined
}

/** From `resolvedAt` on, and others' grace, a value of the key that began before `calledAt` is wrong. */
interface Floor extends Omit<Invalidated, 'keys' | 'set'> {
  readonly by: number
}

/** Counts violations of P1. */
export interface Check {
  invalidated(by: Party, one: Invalidated): void
  saw(reader: Party, seen: Seen): void
  /**
   * A server may have taken with it what it had been told. Reads that were started in that time may bring what others
   * invalidated; who invalidated it is still held to it.
   */
  excuse(from: number, until: number): void
  /** Judges all reads that were started before `time`; no invalidation that resolved before it is still to be told. */
  judge(time: number): void
  readonly violations: readonly Violation[]
}

/** Longer than any grace. */
const SETTLED = 5000

export function createCheck(): Check {
  const floors = new Map<string, Floor[]>()
  /** When the `set` of a value ended, which is when it took effect at the latest. */
  const setAt = new Map<string, number>()
  const excuses: { readonly from: number; readonly until: number }[] = []
  const violations: Violation[] = []
  let waiting: { readonly reader: Party; readonly seen: Seen }[] = []

  const isExcused = (time: number): boolean => excuses.some(({ from, until }) => from <= time && time < until)

  function floorAbove({ id, grace }: Party, { key, value, lastStart }: Seen): Floor | undefined {
    const began = value.set === undefined ? value.began : (setAt.get(value.set) ?? Infinity)
    return floors.get(key)?.find((floor) => {
      if (floor.calledAt <= began || (floor.onlyLoaded && value.set !== undefined)) return false
      if (floor.by === id) return lastStart >= floor.resolvedAt
      return floor.isDone && lastStart >= floor.resolvedAt + grace && !isExcused(lastStart)
    })
  }

  function judgeOne(reader: Party, seen: Seen): void {
    const isOther = seen.value.key !== seen.key
    const floor = isOther ? undefined : floorAbove(reader, seen)
    if (isOther || floor !== undefined) violations.push({ reader, seen, floor })
  }

  /** Drops what says no more than a later one that holds for everybody by now. */
  function prune(time: number): void {
    for (const [key, all] of floors) {
      const settled = all.filter((one) => one.isDone && !one.onlyLoaded && one.resolvedAt < time - SETTLED)
      if (settled.length < 2) continue
      const highest = Math.max(...settled.map(({ calledAt }) => calledAt))
      const above = all.filter(({ calledAt }) => calledAt >= highest)
      floors.set(key, above)
    }
  }

  return {
    invalidated(by, { keys, set, ...one }) {
      if (set !== undefined) setAt.set(set, one.resolvedAt)
      for (const key of keys) {
        const all = floors.get(key) ?? []
        floors.set(key, all)
        all.push({ ...one, by: by.id })
      }
    },
    excuse: (from, until) => void excuses.push({ from, until }),
    saw: (reader, seen) => void waiting.push({ reader, seen }),
    judge(time) {
      const due = waiting.filter(({ seen }) => seen.lastStart < time)
      waiting = waiting.filter(({ seen }) => seen.lastStart >= time)
      for (const { reader, seen } of due) judgeOne(reader, seen)
      if (time < Infinity) prune(time)
    },
    violations,
  }
}
