import { memoryStore } from '@shelflife/memory'
import { afterAll, afterEach, beforeAll } from 'vitest'

import type { RedisServer } from '../start-redis.ts'
import { startRedis } from '../start-redis.ts'
import { until } from '../until.ts'
import type { BusyCache } from './busy-cache.ts'
import { busyCache } from './busy-cache.ts'
import type { BusySizes } from './busy-sizes.ts'
import { busySizes } from './busy-sizes.ts'
import type { BareClient, BusyStores } from './busy-stores.ts'
import { inLists, range } from './crowd.ts'
import type { Link } from './start-link.ts'
import { startLink } from './start-link.ts'
import type { Watched } from './watch.ts'
import { watch } from './watch.ts'

/** A cache under test, with default budgets. */
export interface Opened extends BusyCache, Watched {}

interface ToOpen {
  readonly namespace: string
  /** Milliseconds. */
  readonly roundTrip?: number
  /** Default: one over this round trip. */
  readonly url?: string
  /** With a local store in front, which is empty. Default false. */
  readonly isLocal?: boolean
}

/** What the parts of the suite share. Everything that is opened ends with the test. */
export interface BusySuite {
  readonly stores: BusyStores
  readonly sizes: BusySizes
  /** One for each test. */
  namespace(): string
  link(roundTrip: number): Promise<Link>
  /** What a store or a client is opened on. */
  url(roundTrip: number): Promise<string>
  /** When it is up. */
  open(options: ToOpen): Promise<Opened>
  bare(roundTrip: number): Promise<BareClient>
  /** A namespace of which the first `count` items are in the store, and which nobody may change. */
  warm(count: number): Promise<string>
  /** A second cache, for which no machine is too busy: it fills the store, and says what is there. */
  beside(namespace: string): Promise<BusyCache>
  /** Keys and tagged keys that nobody touches, in the store. */
  strangers(beside: BusyCache): Promise<Strangers>
  closing(close: () => unknown): void
}

export interface Strangers {
  readonly ids: readonly number[]
  /** How many of them are gone from the store. */
  lost(): Promise<number>
  /** How many of them this cache has to load. */
  loadedBy(cache: BusyCache): Promise<number>
}

const PATIENT = { read: '20s', write: '20s' } as const
const WARM = 'busy-warm'
const [STRANGERS, FIRST_STRANGER] = [100, 10_000_000]

/** How many of these are not in the store. Loads nothing. */
export async function missing(ids: readonly number[], peek: (id: number) => Promise<unknown>): Promise<number> {
  let count = 0
  await inLists(ids, async (id) => {
    if ((await peek(id)) === undefined) count++
  })
  return count
}

export function createBusySuite(stores: BusyStores): BusySuite {
  const { isRest = false } = stores
  let server: RedisServer
  const links = new Map<number, Promise<Link>>()
  const ended: (() => unknown)[] = []
  let tests = 0
  let filled = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterEach(async () => {
    for (const end of ended.splice(0).toReversed()) await end()
  })
  afterAll(async () => {
    for (const link of links.values()) await (await link).stop()
    await server.stop()
  })

  function link(roundTrip: number): Promise<Link> {
    const known = links.get(roundTrip)
    if (known !== undefined) return known
    const { host, port } = server
    const started = startLink({ redis: { host, port }, roundTrip, isRest })
    links.set(roundTrip, started)
    return started
  }

  /** Nothing stands in between where nothing is delayed. */
  const urlOf = async (roundTrip: number): Promise<string> =>
    roundTrip === 0 && !isRest ? server.url : (await link(roundTrip)).url

  const suite: BusySuite = {
    stores,
    sizes: busySizes(stores.scale),
    namespace: () => `busy-${++tests}`,
    link,
    url: urlOf,
    async open({ namespace, roundTrip = 0, url, isLocal = false }) {
      const store = stores.open(url ?? (await urlOf(roundTrip)))
      const busy = busyCache({ namespace, store: isLocal ? [memoryStore(), store] : store })
      const watched = watch(busy.cache)
      ended.push(() => busy.cache.close(), watched.stop)
      // scripts are known, the clock has been read, and messages arrive
      await busy.item(FIRST_STRANGER)
      await until('the cache is up', async () => isUp(busy))
      watched.forget()
      busy.loads = 0
      return Object.assign(busy, watched)
    },
    async bare(roundTrip) {
      const client = await stores.bare(await urlOf(roundTrip))
      ended.push(() => client.close())
      return client
    },
    async warm(count) {
      const { item } = await suite.beside(WARM)
      await inLists(range(count - filled, filled), item)
      filled = Math.max(filled, count)
      return WARM
    },
    async beside(namespace) {
      const open = stores.besides ?? stores.open
      const busy = busyCache({ namespace, store: open(server.url, { budget: PATIENT }) })
      ended.push(() => busy.cache.close())
      return busy
    },
    async strangers(beside) {
      const ids = range(STRANGERS, FIRST_STRANGER)
      const both = (busy: BusyCache) => [busy.item, busy.tagged] as const
      for (const read of both(beside)) await inLists(ids, read)
      return {
        ids,
        async lost() {
          const [items, tagged] = both(beside)
          return (await missing(ids, items.peek)) + (await missing(ids, tagged.peek))
        },
        async loadedBy(busy) {
          const before = busy.loads
          for (const read of both(busy)) await inLists(ids, read)
          return busy.loads - before
        },
      }
    },
    closing: (close) => void ended.push(close),
  }
  return suite
}

export function isUp({ cache }: BusyCache): boolean {
  const { stores } = cache.health()
  return stores.every(({ state, owed = 0 }) => state === 'up' && owed === 0)
}

/** How its remote store does, a second from now at the latest: nothing where it is up. */
export async function ailment(busy: BusyCache): Promise<unknown> {
  const SECOND = 1000
  try {
    await until('the cache is up', async () => isUp(busy), { timeout: SECOND })
    return undefined
  } catch {
    return busy.cache.health().stores
  }
}
