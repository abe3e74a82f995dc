/** What one of the two processes is told. */
export interface PairSetup {
  readonly url: string
  readonly namespace: string
  /** Tells the values that the two set apart. */
  readonly process: number
  /** Calls at once. */
  readonly calls: number
  /** Milliseconds. */
  readonly lasts: number
  /** The ids that both read, set and invalidate. */
  readonly shared: readonly number[]
  /** The ids that both read and nobody touches. */
  readonly untouched: readonly number[]
}

/** All times in milliseconds on a clock that both processes share. */
export interface PairReport {
  readonly reads: readonly PairRead[]
  readonly changes: readonly PairChange[]
  readonly loadsOfUntouched: number
  readonly queued: number
  readonly rejected: number
  readonly trouble: unknown
  /** What is not as it should be with the stores a second later. */
  readonly ill: unknown
}

export interface PairRead {
  readonly id: number
  readonly startedAt: number
  /** When the load of the value began; for one that was set, by which change that was. */
  readonly loadedAt?: number
  readonly setBy?: string
}

/** An invalidation, or a set that is one as well. */
export interface PairChange {
  readonly id: number
  readonly calledAt: number
  readonly answeredAt: number
  /** Names the value of a set. */
  readonly setBy?: string
}

interface Seen {
  readonly read: PairRead
  /** How much older than allowed, at least. */
  readonly late: number
}

/** Reads that returned what had been void for longer than `drift` when they began. */
export function tooOld(
  reads: readonly PairRead[],
  changes: readonly PairChange[],
  { drift, sets }: { readonly drift: number; readonly sets: ReadonlyMap<string, PairChange> },
): readonly Seen[] {
  const byId = new Map<number, PairChange[]>()
  for (const change of changes) byId.set(change.id, [...(byId.get(change.id) ?? []), change])
  return reads.flatMap((read) => {
    // a value that was set began to be when its set was answered: before, an order with others is nobody's promise
    const since =
      read.setBy === undefined ? (read.loadedAt ?? -Infinity) : (sets.get(read.setBy)?.answeredAt ?? Infinity)
    const voids = (byId.get(read.id) ?? []).filter(
      ({ calledAt, answeredAt }) => calledAt > since && answeredAt + drift < read.startedAt,
    )
    const first = Math.min(...voids.map(({ answeredAt }) => answeredAt))
    return voids.length === 0 ? [] : [{ read, late: read.startedAt - first - drift }]
  })
}
