import type { CountedEvent, Events } from './events.ts'
import { COUNTED } from './events.ts'
import type { LocalStore } from './store.ts'

/** What happened so far. `hits + staleHits + misses` are all reads, also those that failed. */
export interface Counts {
  readonly hits: number
  /** Reads answered with an old value: being refreshed, or because loading failed or took too long. */
  readonly staleHits: number
  /** Reads that nothing was there for, whether the load ended well or not. */
  readonly misses: number
  /** Runs of the loader that ended, well or not, refreshes included. */
  readonly loads: number
  readonly loadFailures: number
  /** Reads that waited for a load somebody else in this process had begun. */
  readonly joined: number
  /** Times this process waited for a load in another one. */
  readonly waits: number
  /** Loaded or set values that were not stored because an invalidation came in between. */
  readonly refused: number
  /** Values that were stored, loaded or set. */
  readonly commits: number
  /** Values that were not stored: handed out only, or set while the remote store did not answer. */
  readonly skips: number
  /** Entries that the local store dropped on its own. */
  readonly evictions: number
  readonly loadTime: LoadTime
}

/** Distribution of load times. */
export interface LoadTime {
  readonly count: number
  /** Milliseconds in all. */
  readonly total: number
  /** Milliseconds of the slowest. */
  readonly max: number
  /** `buckets[i]` counts loads below 2^i milliseconds and not below the bucket before; the last takes the rest. */
  readonly buckets: readonly number[]
}

export interface CacheStats extends Counts {
  /** Entries in the local store now. */
  readonly entries: number
  /** Estimated bytes in the local store now. */
  readonly bytes: number
  /** How often each of these events came, whether somebody listens or not. */
  readonly events: Readonly<Record<CountedEvent, number>>
  /** By name of the wrapped function; `''` for what was read or set by key. */
  readonly names: Readonly<Record<string, Counts>>
}

/** Counters of one name, counted in place. */
export type Counters = { -readonly [Name in Exclude<keyof Counts, 'loadTime'>]: number } & {
  readonly loadTime: { count: number; total: number; max: number; readonly buckets: number[] }
}

const BUCKETS = 17

function counters(): Counters {
  return {
    hits: 0,
    staleHits: 0,
    misses: 0,
    loads: 0,
    loadFailures: 0,
    joined: 0,
    waits: 0,
    refused: 0,
    commits: 0,
    skips: 0,
    evictions: 0,
    loadTime: { count: 0, total: 0, max: 0, buckets: Array.from({ length: BUCKETS }, () => 0) },
  }
}

/** Adds numbers wherever they are; the slowest is the slowest of all. */
function add(sum: Tree, part: Tree): void {
  for (const [name, value] of Object.entries(part)) {
    const before = sum[name]
    if (typeof value === 'object') add(before as Tree, value)
    else sum[name] = name === 'max' ? Math.max(before as number, value) : (before as number) + value
  }
}

interface Tree {
  [name: string]: number | Tree
}

export function countLoad({ loadTime }: Counters, duration: number): void {
  // the number of binary digits
  const bucket = 32 - Math.clz32(Math.min(duration, 2 ** (BUCKETS - 1) - 1))
  loadTime.count++
  loadTime.total += duration
  loadTime.max = Math.max(loadTime.max, duration)
  loadTime.buckets[bucket] = (loadTime.buckets[bucket] ?? 0) + 1
}

export interface Stats {
  /** The counters of a name; names come from the code, so there are only so many. */
  of(name: string): Counters
  snapshot(local: LocalStore | undefined): CacheStats
}

export function createStats(on: Events['on']): Stats {
  const names = new Map<string, Counters>()
  const events = Object.fromEntries(COUNTED.map((type) => [type, 0])) as Record<CountedEvent, number>

  function of(name: string): Counters {
    const known = names.get(name) ?? counters()
    names.set(name, known)
    return known
  }

  for (const type of COUNTED) on(type, () => void events[type]++)
  on('commit', ({ name }) => void of(name).commits++)
  on('skip', ({ name }) => void of(name).skips++)
  on('refuse', ({ name }) => void of(name).refused++)

  return {
    of,
    snapshot(local) {
      const sum = counters()
      for (const part of names.values()) add(sum as unknown as Tree, part as unknown as Tree)
      const byName = structuredClone(Object.fromEntries(names))
      return { ...sum, ...(local?.usage() ?? { entries: 0, bytes: 0 }), events: { ...events }, names: byName }
    },
  }
}
