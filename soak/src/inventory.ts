import type { Invalidated, Load, Seen } from './report.ts'
import { isStock } from './stock.ts'

/** A load of a key that was in the remote store when it was asked for, and that nobody had touched since. */
export interface NeedlessLoad extends Load {
  readonly by: number
  readonly proof: Proof
}

/** Says that a key was in the remote store at some moment from `calledAt` to `resolvedAt`. */
interface Proof {
  readonly what: string
  readonly calledAt: number
  readonly resolvedAt: number
}

/** An invalidation or a `set`, which may act from `calledAt` to `until`. */
interface Touch {
  readonly by: number
  readonly calledAt: number
  readonly until: number
  /** What it leaves is there: a `set` that was carried out. */
  readonly keeps: boolean
}

/** Knows what must be in the remote store, and counts loads of it. Concerns the stock alone, which outlives each run. */
export interface Inventory {
  stored(key: string, proof: Proof): void
  invalidated(by: number, one: Invalidated): void
  saw(seen: Seen): void
  loaded(by: number, load: Load): void
  /** The process owed the remote store nothing at `time`: what it had queued before has been carried out. */
  paid(by: number, time: number): void
  /** Judges all loads that began before `time`; nothing that was called before it is still to be told. */
  judge(time: number): void
  readonly needless: readonly NeedlessLoad[]
}

interface Known {
  touches: Touch[]
  proofs: Proof[]
}

const last = <T>(all: readonly T[], timeOf: (one: T) => number): T | undefined =>
  all.reduce<T | undefined>((best, one) => (best && timeOf(best) >= timeOf(one) ? best : one), undefined)

export function createInventory(): Inventory {
  const known = new Map<string, Known>()
  const needless: NeedlessLoad[] = []
  let waiting: { readonly by: number; readonly load: Load }[] = []
  const unpaid = new Map<number, Set<string>>()

  function of(key: string): Known {
    const found = known.get(key) ?? { touches: [], proofs: [] }
    known.set(key, found)
    return found
  }

  /** What it might have met, or what could have come after the proof, excuses a load. */
  function judgeOne(by: number, load: Load): void {
    const { touches, proofs } = of(load.key)
    const proof = last(
      proofs.filter(({ resolvedAt }) => resolvedAt <= load.askedAt),
      ({ calledAt }) => calledAt,
    )
    if (proof === undefined) return
    const isExcused = touches.some(({ calledAt, until, keeps }) => {
      if (calledAt >= load.began) return false
      return until >= load.askedAt || (!keeps && until >= proof.calledAt)
    })
    if (!isExcused) needless.push({ ...load, by, proof })
  }

  /**
   * A `set` that began before an invalidation had ended may be void from the start, and takes the place of what is not: then
   * it leaves nothing.
   */
  function withoutVoid(touches: readonly Touch[]): Touch[] {
    const removals = touches.filter(({ keeps }) => !keeps)
    const isVoid = (set: Touch): boolean =>
      removals.some(({ calledAt, until }) => until >= set.calledAt && calledAt <= set.until)
    return touches.map((one) => (one.keeps && isVoid(one) ? { ...one, keeps: false } : one))
  }

  /** Drops what says no more than a later one, for loads that begin after `time`. */
  function prune(entry: Known, time: number): void {
    const newest = last(
      entry.proofs.filter(({ resolvedAt }) => resolvedAt < time),
      ({ calledAt }) => calledAt,
    )
    const since = newest?.calledAt ?? -Infinity
    const removal = last(
      entry.touches.filter(({ keeps, until }) => !keeps && until < time),
      ({ until }) => until,
    )
    entry.proofs = entry.proofs.filter(({ calledAt }) => calledAt >= since)
    entry.touches = entry.touches.filter(
      (one) => one === removal || (one.until >= since && (one.keeps || one.until >= time)),
    )
  }

  return {
    stored: (key, proof) => void of(key).proofs.push(proof),
    invalidated(by, { what, keys, calledAt, resolvedAt, isDone, set }) {
      for (const key of keys.filter(isStock)) {
        const keeps = isDone && set !== undefined
        of(key).touches.push({ by, calledAt, until: isDone ? resolvedAt : Infinity, keeps })
        if (keeps) of(key).proofs.push({ what, calledAt, resolvedAt })
        if (!isDone) unpaid.set(by, (unpaid.get(by) ?? new Set()).add(key))
      }
    },
    saw({ key, lastStart, foundUntil }) {
      if (foundUntil === undefined) return
      of(key).proofs.push({ what: 'a hit', calledAt: lastStart, resolvedAt: foundUntil })
    },
    loaded: (by, load) => void waiting.push({ by, load }),
    paid(by, time) {
      for (const key of unpaid.get(by) ?? []) {
        const entry = of(key)
        entry.touches = entry.touches.map((one) =>
          one.by === by && one.until === Infinity ? { ...one, until: time } : one,
        )
      }
      unpaid.delete(by)
    },
    judge(time) {
      const due = waiting.filter(({ load }) => load.began < time)
      waiting = waiting.filter(({ load }) => load.began >= time)
      for (const entry of known.values()) entry.touches = withoutVoid(entry.touches)
      for (const { by, load } of due) judgeOne(by, load)
      for (const entry of known.values()) prune(entry, time)
    },
    needless,
  }
}
