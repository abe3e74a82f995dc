/** How one process of the soak is set up. */
export interface WorkerSetup {
  readonly id: number
  readonly url: string
  /** The Cluster that it is on, instead, and the client that it takes. */
  readonly cluster?: ClusterSetup | undefined
  /** Where the same server is over HTTP, for a process that has no connection to it. */
  readonly upstash?: { readonly url: string; readonly token: string } | undefined
  /** Whether it has a local store in front of the remote one. */
  readonly isLocal: boolean
  /** Milliseconds that its clock is off. */
  readonly skew: number
  readonly seed: number
  readonly readers: number
  /** Milliseconds that a command may take until the cache does without the store. Default: what the store says. */
  readonly budget?: number | undefined
  /** Whether crowds call and the event loop stalls, with everything else as users have it. */
  readonly isBusy: boolean
  /** Whether it claims invalidations that it does not make, to show that the check finds out. */
  readonly isSaboteur: boolean
}

export interface ClusterSetup {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly client: 'ioredis' | 'node-redis'
}

/** What a load or a `set` stores. */
export interface Value {
  readonly key: string
  /** When its load began, or its `set` was called, in machine time. */
  readonly began: number
  /** Which `set` it comes from. */
  readonly set?: string
}

/** An invalidation that has resolved. Times are machine times. */
export interface Invalidated {
  readonly what: string
  readonly keys: readonly string[]
  readonly calledAt: number
  readonly resolvedAt: number
  /** Whether it was said to hold for every process. */
  readonly isDone: boolean
  /** Whether values that were set are left alone: they do not have tags that only a load knows. */
  readonly onlyLoaded: boolean
  /** The `set` that it was. */
  readonly set?: string
}

/** A value that was read under a key, any number of times. */
export interface Seen {
  readonly key: string
  readonly value: Value
  /** When the last read that returned it was started. */
  readonly lastStart: number
  /** How that read was answered, for whoever looks for a reason. */
  readonly how: string
  /** When that read ended, if it found the value in the remote store. */
  readonly foundUntil?: number
}

/** A call of the loader. Times are machine times. */
export interface Load {
  readonly key: string
  /** When the read that it belongs to was called. */
  readonly askedAt: number
  readonly began: number
}

export const COUNTS = [
  'reads',
  'loads',
  'loads that failed',
  'hits, local store',
  'hits, remote store',
  'misses',
  'stale hits',
  'peeks that found something',
  'invalidations of keys',
  'invalidations of tags',
  'sets',
  'clears',
  'expires',
  'invalidations queued',
  'refused commits',
  'gaps noticed',
  'store errors',
  'breaker openings',
  'background errors',
  'bursts',
  'stalls',
] as const
export type Count = (typeof COUNTS)[number]
export type Counts = Record<Count, number>

export const noCounts = (): Counts => Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts

/** What a process has done since its last report. */
export interface Report {
  /** Everything that ended before is in this report or an earlier one. */
  readonly at: number
  /** Every command that was called before is in this report or an earlier one. */
  readonly calledUntil: number
  /** Whether it owes the remote store invalidations. */
  readonly owes: boolean
  /** What is not as it should be: a store that is not up, or messages of others that are missing. Empty: nothing. */
  readonly ill: string
  /** When it was found that the store has lost writes, so that the namespace is cleared. */
  readonly lostAt: readonly number[]
  readonly seen: readonly Seen[]
  readonly invalidated: readonly Invalidated[]
  /** Loads of the stock. */
  readonly loads: readonly Load[]
  readonly counts: Counts
  /** Errors that a reader or writer got and must not have got. */
  readonly errors: readonly string[]
  /** Nothing comes after it. */
  readonly isLast: boolean
}
