import type { Backoff } from './backoff.ts'
import type { Background } from './background.ts'
import type { BusMessage } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Entry, EntryLimits } from './entry.ts'
import { expireEntry, phaseOf, servesErrors } from './entry.ts'
import type { RemoteOutcome, Sinks, Source } from './events.ts'
import type { Arrival, Flights } from './flight.ts'
import type { Invalidations } from './invalidations.ts'
import type { KeepAlive } from './keep-alive.ts'
import type { MemoBudget } from './memo-budget.ts'
import type { CacheOptions, CachePolicy } from './options.ts'
import type { Remote } from './remote.ts'
import type { Lookup } from './request.ts'
import type { Stats } from './stats.ts'
import type { LocalStore } from './store.ts'
import { covers } from './tags.ts'
import type { Watch } from './watches.ts'
import type { Wrapped } from './wrapped.ts'

/** A `set` or an invalidation of a key that is under way. */
export interface Write {
  /** When it and all before it are over; `undefined` for a `set` in whose place something else has come before it began. */
  readonly outcome: Promise<RemoteOutcome | undefined>
  /** Ends when no value that was set up to then is on its way to the store any more; `undefined` where none is. */
  sent: Promise<unknown> | undefined
  /** Whether the key or one of its tags was invalidated in this process since it began. */
  isVoid: boolean
}

/** When those are over that are under way for these names. */
export function outcomesOf({ writes }: Pick<Engine, 'writes'>, names: readonly string[]): readonly Write['outcome'][] {
  const outcomes: Write['outcome'][] = []
  for (const name of names) {
    const write = writes.get(name)
    if (write !== undefined) outcomes.push(write.outcome)
  }
  return outcomes
}

/** The parts of one cache, for the algorithms that work on them. */
export interface Engine {
  readonly options: CacheOptions<string>
  readonly policy: CachePolicy
  limits: EntryLimits
  readonly clock: Clock
  readonly sinks: Sinks
  readonly stats: Stats
  readonly background: Background
  readonly keepAlive: KeepAlive
  readonly backoff: Backoff
  readonly invalidations: Invalidations
  /** For keys that were built from arguments. */
  readonly memos: MemoBudget
  /** Running loads by key. */
  readonly flights: Flights
  /** The last write of each key, and the last invalidation of each tag, that is under way; without a remote store only sets are. */
  readonly writes: Map<string, Write>
  /** The sets that are under way, by tag; without a remote store none waits. */
  readonly setsOf: Map<string, Set<Write>>
  readonly local: LocalStore | undefined
  remote: Remote | undefined
  /**
   * Before this, local copies are trusted because all messages of other processes are known to have arrived. Infinity
   * where there are none, or where each copy carries its own bound.
   */
  trustedUntil: number
  /** Names of wrapped functions. */
  readonly wrapped: Wrapped
  /** Runs something in the async context in which the cache was made. */
  readonly outside: <Result>(run: () => Result) => Result
  /** Makes a long key short enough for the remote store. */
  shorten: (key: string) => string
  closed: boolean
}

/** The copy of a key in this process, if nothing has invalidated it. It may be of any phase and unconfirmed. */
export function find(engine: Engine, key: string): Entry | undefined {
  const entry = engine.local?.get(key) as Entry | undefined
  return entry === undefined || entry.checked === engine.invalidations.seq ? entry : recheck(engine, key, entry)
}

/** Compares the copy of a key with what was invalidated since it was last looked at. */
export function compare(engine: Engine, key: string): void {
  const entry = engine.local?.peek(key) as Entry | undefined
  if (entry !== undefined && entry.checked !== engine.invalidations.seq) recheck(engine, key, entry)
}

function recheck({ local, invalidations, limits }: Engine, key: string, entry: Entry): Entry | undefined {
  const verdict = invalidations.check(entry.tags, entry.checked)
  if (verdict === 'invalidated') {
    local?.delete(key)
    return undefined
  }
  if (verdict === 'expired') expireEntry(entry, invalidations.expiredAt(entry.tags, entry.checked), limits)
  entry.checked = invalidations.seq
  return entry
}

/** The same, unless something could have invalidated the answer of this call that did not invalidate the copy. */
export function findFor(engine: Engine, { key, tags }: Lookup): Entry | undefined {
  const entry = find(engine, key)
  return entry && covers(entry.tags, tags) ? entry : undefined
}

/** The copy in this process that may be served when loading fails. */
export function fallbackFor(engine: Engine, lookup: Lookup): Entry | undefined {
  const now = engine.clock.now()
  const entry = findFor(engine, lookup)
  return entry !== undefined && servesErrors(entry, now) && isTrusted(engine, entry, now) ? entry : undefined
}

/** Whether no invalidation of a copy can have been missed for longer than `maxDrift`. */
export const isTrusted = ({ remote }: Engine, entry: Entry, now: number): boolean =>
  remote?.isTrusted(entry, now) ?? true

/** An entry that can be served, as it is now. */
export function arrivalOf(entry: Entry, now: number, store: Source): Arrival | undefined {
  const phase = phaseOf(entry, now)
  if (phase === 'expired') return undefined
  return { entry, outcome: phase === 'fresh' ? 'hit' : 'stale', store, shared: true }
}

/** A read that nothing was found for. */
export function countMiss({ stats, sinks }: Engine, { key, policy: { name } }: Lookup): void {
  stats.of(name).misses++
  sinks.miss?.({ key, name })
}

/**
 * Puts an entry that was read or loaded into the local store, unless something has invalidated it since its watch began, or is
 * about to take its place.
 */
export function keepLocally(engine: Engine, watch: Watch, entry: Entry): void {
  if (!engine.writes.has(watch.key)) putLocally(engine, watch, entry)
}

/** The same of one that takes the place of others. */
export function putLocally({ local, invalidations }: Engine, watch: Watch, entry: Entry): void {
  if (local === undefined || !invalidations.isIntact(watch, entry.tags)) return
  entry.checked = invalidations.seq
  local.set(watch.key, entry)
}

/** Fences off what is loading or being read in this process; the copies stay. */
export function fence({ invalidations, flights }: Engine, keys: readonly string[]): void {
  invalidations.fence(keys)
  for (const key of keys) flights.delete(key)
}

/** An invalidation as far as this process goes, wherever it came from. */
export function applyLocally(engine: Engine, { type, names }: BusMessage): void {
  const { clock, invalidations, local, limits } = engine
  if (type === 'invalidateTags') return invalidations.invalidate(names)
  if (type === 'expireTags') return invalidations.expire(names, clock.now())
  fence(engine, names)
  for (const key of names) {
    if (type === 'invalidate') local?.delete(key)
    else {
      const entry = find(engine, key)
      if (entry !== undefined) expireEntry(entry, clock.now(), limits)
    }
  }
}
