import type { Cache, Cached } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { IoredisTarget } from '@shelflife/ioredis'
import { ioredisStore } from '@shelflife/ioredis'
import { memoryStore } from '@shelflife/memory'

import type { Course } from './course.ts'
import type { Value } from './loader.ts'
import { HARD_TIMEOUT, MAX_DRIFT, PARTITION_TTL } from './report.ts'
import type { Reader } from './versions.ts'
import type { Waits } from './waits.ts'
import { waitsOf } from './waits.ts'

export interface OpenCache {
  readonly cache: Cache
  readonly get: Cached<[key: string], Value | undefined>
  /** Loads `loaded`; what one process sets is what another should find. */
  readonly stored: Cached<[id: number], string>
  readonly reader: Reader
  readonly waits: Waits
}

/** Where to, under which name, and with a local store or without. */
export interface OpenCacheInput {
  readonly name: string
  readonly target: IoredisTarget
  readonly isLocal: boolean
}

export function openCache(course: Course, { name, target, isLocal }: OpenCacheInput): OpenCache {
  const { namespace, notes, loader } = course
  const remote = ioredisStore(target)
  const cache = createCache({
    namespace,
    store: isLocal ? [memoryStore(), remote] : remote,
    maxDrift: MAX_DRIFT,
    partitionTtl: PARTITION_TTL,
    hardTimeout: HARD_TIMEOUT,
    // what the console would be told of values that are too large
    logger: { warn: () => {}, error: () => {} },
  })
  const load = (key: string): Promise<Value | undefined> => {
    notes.load()
    return loader.load(key)
  }
  return {
    cache,
    get: cache.cached(load, {
      name: 'value',
      ttl: '1s',
      staleWhileRevalidate: '1s',
      staleIfError: '10s',
      tags: (key) => ['all', key],
    }),
    stored: cache.cached(async (_id: number): Promise<string> => 'loaded', { name: 'stored', ttl: '5s' }),
    reader: { name, isLocal, isApart: () => notes.phase === 'fault' || notes.phase === 'recovering' },
    waits: waitsOf(cache),
  }
}
