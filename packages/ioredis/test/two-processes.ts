import type { Cache, CacheOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { RedisStoreOptions } from '@shelflife/redis'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, afterEach, beforeAll } from 'vitest'

import { ioredisStore } from '../src/index.ts'

/** A real server, and caches on it as several processes have them. */
export interface Processes {
  server(): RedisServer
  /** A cache of its own on a connection of its own, with a local store unless told otherwise. */
  start(options?: ProcessOptions): Cache
  /** A namespace of this test alone. */
  readonly namespace: string
}

interface ProcessOptions extends RedisStoreOptions, Pick<CacheOptions, 'maxDrift' | 'codec'> {
  readonly local?: boolean
}

let tests = 0

export function severalProcesses(args: readonly string[] = []): Processes {
  let server: RedisServer
  const caches: Cache[] = []
  let namespace = ''

  beforeAll(async () => {
    server = await startRedis({ args })
  })
  afterEach(async () => {
    await Promise.all(caches.splice(0).map((cache) => cache.close()))
    namespace = ''
  })
  afterAll(() => server.stop())

  return {
    server: () => server,
    get namespace() {
      return (namespace ||= `test-${++tests}`)
    },
    start({ local = true, maxDrift, codec, ...options } = {}) {
      const remote = ioredisStore(server.url, options)
      const cache = createCache({
        namespace: (namespace ||= `test-${++tests}`),
        store: local ? [memoryStore(), remote] : remote,
        ...(maxDrift !== undefined && { maxDrift }),
        ...(codec && { codec }),
      })
      caches.push(cache)
      return cache
    },
  }
}

/** A source that counts its loads and can be made to wait in the middle of one. */
export interface Source {
  loads: number
  version: number
  /** Resolves when a load has read the version and waits. */
  begun: Promise<void>
  hold(): void
  release(): void
  load(): Promise<number>
}

export function versionedSource(): Source {
  let begin = (): void => {}
  let gate: Promise<void> | undefined
  let open = (): void => {}
  const source: Source = {
    loads: 0,
    version: 1,
    begun: Promise.resolve(),
    hold() {
      source.begun = new Promise((resolve) => {
        begin = resolve
      })
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    release() {
      gate = undefined
      open()
    },
    async load() {
      source.loads++
      const { version } = source
      begin()
      await gate
      return version
    },
  }
  return source
}
