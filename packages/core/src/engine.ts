import type { Backoff } from './backoff.ts'
import type { Background } from './background.ts'
import type { Bus, BusMessage } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Entry, EntryLimits } from './entry.ts'
import { expireEntry, phaseOf, servesErrors } from './entry.ts'
import type { Sinks, Source } from './events.ts'
import type { Arrival, Flights } from './flight.ts'
import type { Invalidations } from './invalidations.ts'
import type { CachePolicy } from './options.ts'
import type { Remote } from './remote.ts'
import type { Stats } from './stats.ts'
import type { LocalStore } from './store.ts'

/** The parts of one cache, for the algorithms that work on them. */
export interface Engine {
  readonly policy: CachePolicy
  readonly limits: EntryLimits
  readonly clock: Clock
  readonly sinks: Sinks
  readonly stats: Stats
  readonly background: Background
  readonly backoff: Backoff
  readonly invalidations: Invalidations
  /** Running loads by key. */
  readonly flights: Flights
  readonly local: LocalStore | undefined
  remote: Remote | undefined
  /** How long local copies can be trusted because the bus is known to be complete. */
  readonly trust: Trust
  closed: boolean
}

export interface Trust {
  /** When the bus was last known to be complete; -Infinity where there is no bus. */
  confirmedAt: number
  /** Copies need no confirmation of their own before this; `Infinity` where each carries its own bound. */
  until: number
}

/** The copy of a key in this process, if nothing has invalidated it. It may be of any phase and unconfirmed. */
export function find({ local, invalidations, limits }: Engine, key: string): Entry | undefined {
  const entry = local?.get(key) as Entry | undefined
  if (entry === undefined || entry.checked === invalidations.seq) return entry
  const verdict = invalidations.check(entry.tags, entry.checked)
  if (verdict === 'invalidated') {
    local?.delete(key)
    return undefined
  }
  if (verdict === 'expired') expireEntry(entry, invalidations.expiredAt(entry.tags, entry.checked), limits)
  entry.checked = invalidations.seq
  return entry
}

/** Whether a copy was confirmed so recently that no invalidation can have been missed for longer than `maxDrift`. */
export function isTrusted({ remote, trust, policy }: Engine, entry: Entry, now: number): boolean {
  if (remote === undefined || now < entry.confirmedAt + policy.maxDrift) return true
  return now < trust.confirmedAt + policy.maxDrift
}

/** Whether a copy may still be served while the remote store is away. */
export function outlivesPartition({ remote, trust, policy }: Engine, entry: Entry, now: number): boolean {
  return remote === undefined || now < Math.max(entry.confirmedAt, trust.confirmedAt) + policy.partitionTtl
}

/** The copy in this process that may be served when loading fails; `isUsable` allows some that are not confirmed. */
export function fallbackFor(engine: Engine, key: string, isUsable: typeof isTrusted = isTrusted): Entry | undefined {
  const now = engine.clock.now()
  const entry = find(engine, key)
  if (entry === undefined || !servesErrors(entry, now)) return undefined
  return isTrusted(engine, entry, now) || isUsable(engine, entry, now) ? entry : undefined
}

/** An entry that can be served, as it is now. */
export function arrivalOf(entry: Entry, now: number, store: Source): Arrival | undefined {
  const phase = phaseOf(entry, now)
  if (phase === 'expired') return undefined
  return { entry, outcome: phase === 'fresh' ? 'hit' : 'stale', store, shared: true }
}

/** Puts an entry into the local store unless something has invalidated it since. */
export function keepLocally({ local, invalidations }: Engine, key: string, entry: Entry, since: number): void {
  if (local === undefined || invalidations.check([key, ...entry.tags], since) !== 'intact') return
  entry.checked = invalidations.seq
  local.set(key, entry)
}

/** Fences off what is loading or being read in this process; the copies stay. */
export function fence({ invalidations, flights }: Engine, keys: readonly string[]): void {
  invalidations.invalidate(keys)
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
    else if (local !== undefined) {
      const entry = find(engine, key)
      if (entry !== undefined) expireEntry(entry, clock.now(), limits)
    }
  }
}

/** Follows what other processes invalidate. Returns what stops it. */
export function follow(engine: Engine, bus: Bus): () => void {
  const { trust, policy, invalidations, sinks } = engine
  return bus.listen({
    message: (message) => applyLocally(engine, message),
    confirmed(at) {
      trust.confirmedAt = Math.max(trust.confirmedAt, at)
      trust.until = trust.confirmedAt + policy.maxDrift
    },
    gap() {
      invalidations.forget()
      trust.confirmedAt = -Infinity
      trust.until = -Infinity
      sinks.gap?.({})
    },
  })
}
