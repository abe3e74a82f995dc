import type { Duration, TierOptions } from '@shelflife/core'

/** For what a process is there. */
export type Preset = 'development' | 'test' | 'web' | 'api' | 'realtime' | 'edge'

/** What a preset decides, and single variables change. */
export interface Settings {
  /** Bounds of the local store. */
  readonly maxEntries: number
  readonly maxBytes: number
  /** What one command of the remote store may take. */
  readonly read: Duration
  readonly write: Duration
  /** Of `CacheOptions`. */
  readonly maxDrift: Duration
  readonly partitionTtl: Duration
  readonly lease: Duration
  readonly stampede: 'lease' | 'local'
  readonly tiers: Readonly<Record<string, TierOptions>>
  /** Of every tier that the program makes, unless it states otherwise. */
  readonly ownTier?: TierOptions
}

const MEBIBYTE = 2 ** 20

const WEB: Settings = {
  maxEntries: 50_000,
  maxBytes: 64 * MEBIBYTE,
  read: '100ms',
  write: '500ms',
  maxDrift: '1s',
  partitionTtl: '30s',
  lease: '3s',
  stampede: 'lease',
  tiers: {},
}

const NO_JITTER = { jitter: 0 }

export const PRESETS: Readonly<Record<Preset, Settings>> = {
  /** What somebody has just changed shows in seconds. */
  development: {
    ...WEB,
    maxEntries: 5000,
    maxBytes: 32 * MEBIBYTE,
    read: '500ms',
    write: '1s',
    tiers: {
      dynamic: { ttl: '5s', staleWhileRevalidate: '5s' },
      semiStatic: { ttl: '10s', staleWhileRevalidate: '10s' },
      static: { ttl: '30s', staleWhileRevalidate: '30s' },
      reference: { ttl: '1m', staleWhileRevalidate: '1m' },
    },
  },
  /** Nothing is left to chance, and a busy machine is no failure. */
  test: {
    ...WEB,
    maxEntries: 5000,
    maxBytes: 32 * MEBIBYTE,
    read: '5s',
    write: '5s',
    tiers: {
      realtime: NO_JITTER,
      dynamic: NO_JITTER,
      semiStatic: NO_JITTER,
      static: NO_JITTER,
      reference: NO_JITTER,
      absent: NO_JITTER,
    },
    ownTier: NO_JITTER,
  },
  /** The defaults of the packages. */
  web: WEB,
  /** Much that is small, and callers who wait for less. */
  api: { ...WEB, maxEntries: 200_000, maxBytes: 256 * MEBIBYTE, read: '50ms', write: '250ms' },
  /** Little may be old. */
  realtime: {
    ...WEB,
    read: '50ms',
    write: '200ms',
    maxDrift: '500ms',
    partitionTtl: '2s',
    lease: '2s',
    tiers: {
      dynamic: { ttl: '5s', staleWhileRevalidate: '15s', staleIfError: '5m' },
      semiStatic: { ttl: '1m', staleWhileRevalidate: '5m', staleIfError: '1h' },
    },
  },
  /** Little memory, no connections, and every request to the store costs. */
  edge: { ...WEB, maxEntries: 2000, maxBytes: 16 * MEBIBYTE, read: '500ms', write: '1s', stampede: 'local' },
}

export const PRESET_NAMES: readonly Preset[] = Object.keys(PRESETS) as Preset[]
