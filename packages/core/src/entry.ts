import type { Copying } from './isolate.ts'
import type { Lifetime } from './lifetime.ts'
import type { LocalEntry } from './store.ts'

/** Of an entry at a moment. `expired` may still be inside `staleIfError`. */
export type Phase = 'fresh' | 'stale' | 'expired'

/**
 * A value in this process with all that a read has to know. Times are on the clock of this process, in whole milliseconds:
 * V8 keeps a fraction as an object of its own, and an entry would take a third more memory.
 */
export interface Entry extends LocalEntry {
  /** How callers get copies of `value`, if not `value` itself. */
  readonly copied: Copying | false
  /** What a hit hands out, kept so that a hit allocates nothing. */
  promise: Promise<unknown> | undefined
  readonly name: string
  readonly tier: string
  readonly lifetime: Lifetime
  readonly createdAt: number
  /** Milliseconds that the load took. */
  readonly cost: number
  /** Full names of the tags, with everything above them, and of the namespaces. */
  readonly tags: readonly string[]
  /** The invalidations up to this one have been compared with `tags`. */
  checked: number
  /** When the remote store or the loader last vouched for the value. */
  readonly confirmedAt: number
  freshUntil: number
  /** The end of the longer of the two stale windows, which start at `freshUntil`. */
  keepUntil: number
  /** Until then a read needs nothing but this comparison. */
  hotUntil: number
}

export interface EntryInput {
  readonly value: unknown
  readonly copied: Copying | false
  readonly name: string
  readonly tier: string
  readonly lifetime: Lifetime
  readonly createdAt: number
  readonly freshUntil: number
  readonly confirmedAt: number
  readonly cost: number
  readonly tags: readonly string[]
  readonly checked: number
  /** No entry outlives this many milliseconds after `createdAt`. */
  readonly maxLifetime: number
  /** A copy is to be confirmed anew this long after `confirmedAt`. */
  readonly maxDrift: number
}

/** The share of `ttl` after which a read of a sliding entry starts it anew. */
const SLIDE_AFTER = 0.1

function heatUntil(entry: Entry, { maxDrift, maxLifetime }: EntryLimits): number {
  const { ttl, earlyRefresh, sliding } = entry.lifetime
  let until = Math.min(entry.freshUntil, entry.confirmedAt + maxDrift)
  if (ttl === Infinity) return until
  if (earlyRefresh > 0) until = Math.min(until, entry.freshUntil - earlyRefresh * ttl)
  // what ends with `maxLifetime` cannot be prolonged
  if (sliding && entry.freshUntil < entry.createdAt + maxLifetime)
    until = Math.min(until, entry.freshUntil - (1 - SLIDE_AFTER) * ttl)
  return until
}

function freshen(entry: Entry, freshUntil: number, limits: EntryLimits): void {
  const end = entry.createdAt + limits.maxLifetime
  const { staleWhileRevalidate, staleIfError } = entry.lifetime
  entry.freshUntil = Math.floor(Math.min(freshUntil, end))
  entry.keepUntil = Math.floor(Math.min(entry.freshUntil + Math.max(staleWhileRevalidate, staleIfError), end))
  entry.hotUntil = Math.floor(heatUntil(entry, limits))
}

export interface EntryLimits {
  readonly maxLifetime: number
  readonly maxDrift: number
}

/** Arrays of tags that many entries have; all others are an entry's own. */
export const sharedTags: WeakSet<readonly string[]> = new WeakSet()

/** What V8 needs, measured: for an array, and for each text in it with its place there. */
const ARRAY = 48
const TEXT = 40

/** Estimated bytes of tags that no other entry keeps. */
function bytesOf(tags: readonly string[]): number {
  if (sharedTags.has(tags)) return 0
  let bytes = ARRAY
  for (const tag of tags) bytes += TEXT + tag.length
  return bytes
}

/** Name by name: a spread would keep the limits as well, and take more room for the same. */
export function createEntry(input: EntryInput): Entry {
  const entry: Entry = {
    value: input.value,
    copied: input.copied,
    promise: undefined,
    usedIn: 0,
    name: input.name,
    tier: input.tier,
    lifetime: input.lifetime,
    createdAt: Math.floor(input.createdAt),
    confirmedAt: Math.floor(input.confirmedAt),
    cost: Math.round(input.cost),
    tags: input.tags,
    checked: input.checked,
    tagBytes: bytesOf(input.tags),
    freshUntil: 0,
    keepUntil: 0,
    hotUntil: 0,
  }
  freshen(entry, input.freshUntil, input)
  return entry
}

/** Starts `ttl` anew. */
export const slide = (entry: Entry, now: number, limits: EntryLimits): void =>
  freshen(entry, now + entry.lifetime.ttl, limits)

/** Ends `ttl` at `at`; the stale windows start there. */
export function expireEntry(entry: Entry, at: number, limits: EntryLimits): void {
  if (at < entry.freshUntil) freshen(entry, at, limits)
}

/** The end of `staleWhileRevalidate`, which is cut short with the longer window. */
const staleUntil = ({ freshUntil, lifetime, keepUntil }: Entry): number =>
  Math.min(freshUntil + lifetime.staleWhileRevalidate, keepUntil)

export const phaseOf = (entry: Entry, now: number): Phase =>
  now < entry.freshUntil ? 'fresh' : now < staleUntil(entry) ? 'stale' : 'expired'

/** Whether the entry may be served because loading failed. */
export const servesErrors = (entry: Entry, now: number): boolean => now < entry.keepUntil
