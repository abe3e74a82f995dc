import type { Allowance } from './allowance.ts'
import type { Entry } from './entry.ts'
import type { RemoteOutcome } from './events.ts'
import type { Arrival, Flight, Leave } from './flight.ts'
import type { StoreHealth } from './health.ts'
import type { Loaded, Lookup, Request } from './request.ts'
import type { RemoteStore } from './store.ts'

/**
 * `read`: a caller waits. `refresh`: a value is being served, nobody waits. `early`: the same while it is still fresh.
 * `reload`: a caller wants what the loader says now; loads that run already are fenced off.
 */
export type Purpose = 'read' | 'refresh' | 'early' | 'reload'

/**
 * `unknown`: the remote store did not answer, so an invalidation elsewhere may have been missed. `unwanted`: a newer
 * release has stored the key in a format of its own, which stays.
 */
export type Committed = 'stored' | 'refused' | 'unsupported' | 'unknown' | 'unwanted'

export interface PutInput {
  readonly loaded: Loaded
  readonly entry: Entry
  readonly ttl: number
}

/** What became of a value that was set. */
export interface Put {
  readonly isStored: boolean
  /** Whether this process may serve it: not where the store knows by now that the key is void, as all others do. */
  readonly isKept: boolean
  readonly told: RemoteOutcome
  /** What to throw, where the store was required. */
  readonly failure?: Error | undefined
}

export interface CommitInput extends PutInput {
  /**
   * Whether somebody joined the load after it began. A tag that was invalidated meanwhile makes the record void for
   * whoever reads it, but only asking for the ids once more tells those who wait here.
   */
  readonly isJoined: boolean
}

/** The right to commit one load, given before it begins. */
export interface Permit {
  /** Renews the lease until what it returns is called. */
  hold(): () => void
  /** Stores the value under the fence, and with the tag ids, from before the load. */
  commit(input: CommitInput): Promise<Committed>
  /** Whether nothing has invalidated the key or these tags since; `false` where that cannot be told. */
  isIntact(tags: readonly string[]): Promise<boolean>
  /**
   * Ends the lease without a value, in the background. `failed` and `unstorable`: those who wait for it would only wait for
   * one another, so they load side by side.
   */
  release(because: 'failed' | 'unstorable' | 'unused'): void
}

/** Either the answer, or what is needed to load. No permit: load, but there is nowhere to commit to. */
export interface Acquired {
  readonly arrival?: Arrival
  readonly permit?: Permit
  /** What may be served if loading fails or is slow. */
  readonly fallback?: Entry | undefined
}

interface ToApply {
  readonly require?: 'local' | 'remote' | undefined
  /** When it is used up the invalidation is queued. Default: the write budget. */
  readonly allowance?: Allowance | undefined
}

/**
 * The remote store as the algorithms see it. It never throws and never takes longer than its budget. What stands
 * behind it is `protocol`, which comes with the store, so that a cache without one does not carry it.
 */
export interface Remote {
  /** What one call for a key may wait for the store in all. */
  allow(key: string): Allowance
  /**
   * What makes room for others: at once where somebody may ask the store now, or as soon as that is so, or when nothing that
   * waits is sent any more.
   */
  admit(key: string): Leave | Promise<Leave>
  /** For who is admitted, until then: asks until the store has the value, or gives the right to load it, or cannot be asked. */
  acquire(request: Request, purpose: Purpose, flight: Flight, leave: Leave): Promise<Acquired>
  /** Puts a value in the place of whatever is there, or makes the key void: where there is none that can be stored, too. */
  put(lookup: Lookup, input: PutInput | false): Promise<Put>
  /** The copy of a value that was set and is not stored goes when the store has been told that the key is void. */
  untilTold(key: string, entry: Entry): void
  /** What is cached, kept here too; never waits for a load. */
  read(lookup: Lookup, allowance?: Allowance): Promise<Arrival | undefined>
  /** What the store has and nothing has invalidated, of any phase; not kept here. */
  inspect(lookup: Lookup): Promise<Entry | undefined>
  /** Whether no invalidation of a copy can have been missed for longer than `maxDrift`. */
  isTrusted(entry: Entry, now: number): boolean
  /** Whether nobody but who began its load may have a value, because it was loaded without the store. */
  isUncertain(entry: Entry): boolean
  /** Starts the `ttl` of a sliding entry anew, in the background. */
  touch(key: string, entry: Entry): void
  /** Carries an invalidation out, or keeps it until the store answers again, and rejects then if that was required. */
  apply(command: InvalidatingCommand, names: readonly string[], options?: ToApply): Promise<RemoteOutcome>
  health(): StoreHealth
  close(): Promise<void>
}

/** The commands of a store that make something void. */
export type InvalidatingCommand = keyof Pick<RemoteStore, 'invalidate' | 'expire' | 'invalidateTags' | 'expireTags'>
