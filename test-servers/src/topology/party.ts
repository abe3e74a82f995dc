import { setTimeout as sleep } from 'node:timers/promises'

import type { Cache, CacheOptions, RemoteOutcome } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import { until } from '../until.ts'
import type { Ledger } from './ledger.ts'
import type { OpenedStore } from './topology-clients.ts'

interface Value {
  readonly id: number
  readonly version: number
}

export interface PartySetup {
  readonly name: string
  readonly namespace: string
  readonly isLocal: boolean
  readonly ledger: Ledger
  /** Milliseconds. */
  readonly drift: number
  readonly options?: Partial<CacheOptions>
}

/** What a process is: a cache of its own, all of whose reads are checked. */
export interface Party {
  readonly name: string
  readonly cache: Cache
  /** Resolves when its store has answered. */
  connected(): Promise<unknown>
  /** The key of an entry, as the cache has it. */
  key(id: number): string
  read(id: number): Promise<void>
  invalidate(id: number): Promise<RemoteOutcome>
  /** By their tags. */
  invalidateTags(ids: readonly number[]): Promise<RemoteOutcome>
  /** Runs of the loader for these since `forget`. */
  loadsOf(ids: readonly number[]): number
  forget(): void
  /** Resolves when an invalidation is `done`; says what it was otherwise after `ms`. */
  reached(ms: number): Promise<void>
  /** What its store failed with since `forget`, for whoever looks for a reason. */
  trouble(): string
  /** Reads that returned what they must not. */
  readonly old: readonly string[]
  /** Up, without a debt, and told of everything. Says what is not so where it is not within `ms`. */
  ailment(ms: number): Promise<unknown>
  close(): Promise<void>
}

/** Worth telling. */
const MOST_FAILURES = 12
/** A `health()` costs little. */
const LOOK_EVERY = 20
const tagOf = (id: number): string => `tag-${id}`

export function openParty({ store, close }: OpenedStore, setup: PartySetup): Party {
  const { name, namespace, isLocal, ledger, drift, options } = setup
  const cache = createCache({ namespace, store: isLocal ? [memoryStore(), store] : store, ...options })
  const loads = new Map<number, number>()
  const old: string[] = []
  const failures = new Set<string>()
  cache.on('storeError', ({ command, error }) => failures.add(`${command}: ${String(error)}`))

  async function load(id: number): Promise<Value> {
    loads.set(id, (loads.get(id) ?? 0) + 1)
    const version = ledger.current(id)
    await sleep(1)
    return { id, version }
  }
  const LIFETIME = { ttl: '1h', staleWhileRevalidate: 0, staleIfError: 0 } as const
  const item = cache.cached(load, { name: 'item', ...LIFETIME, tags: (id) => [tagOf(id)] })

  const owes = (): boolean => cache.health().stores.some(({ owed = 0 }) => owed > 0)
  const looking = setInterval(() => {
    if (!owes()) ledger.paid(name)
  }, LOOK_EVERY)

  const isWell = (): boolean =>
    cache.health().stores.every(({ state, owed = 0, bus }) => state === 'up' && owed === 0 && bus !== 'behind')

  return {
    name,
    cache,
    connected: () =>
      until('the store answers', async () => {
        await cache.get('connected')
        return isWell() && cache.health().stores.some(({ latency }) => latency !== undefined)
      }),
    key: (id) => item.key(id),
    async read(id) {
      const since = performance.now()
      const { value, outcome, store: from } = await item.read(id)
      const least = ledger.least({ name, drift }, id, since)
      if (value.id === id && value.version >= least) return
      old.push(`${outcome} from ${from} of ${id}: version ${value.version} of ${value.id} instead of ${least}`)
    },
    invalidate: (id) => ledger.change([id], name, () => item.invalidate(id)),
    invalidateTags: (ids) => ledger.change(ids, name, () => cache.invalidateTags(ids.map(tagOf))),
    loadsOf: (ids) => ids.reduce((sum, id) => sum + (loads.get(id) ?? 0), 0),
    forget() {
      loads.clear()
      failures.clear()
    },
    trouble: () => [...failures].slice(0, MOST_FAILURES).join('; '),
    async reached(ms) {
      const isDone = async (): Promise<boolean> => (await cache.invalidate('reached')).remote === 'done'
      await until(`${name} has reached the store`, isDone, { timeout: ms })
    },
    old,
    async ailment(ms) {
      try {
        await until('the cache is up', async () => isWell(), { timeout: ms })
        return undefined
      } catch {
        return cache.health().stores
      }
    },
    async close() {
      clearInterval(looking)
      await cache.close()
      await close?.()
    },
  }
}
