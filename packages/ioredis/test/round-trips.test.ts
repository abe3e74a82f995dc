import { fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import type { RedisClient, RedisCommand } from '@shelflife/redis'
import { redisStore } from '@shelflife/redis'
import { startCluster, startRedis } from '@shelflife/test-servers'
import { afterAll, expect, test, vi } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'
import { versionedSource } from './two-processes.ts'

/** Commands in the order in which they were sent; what is sent before an answer came is one round trip. */
interface Trips {
  readonly client: RedisClient
  /** Those begun so far. */
  count(): number
  /** What `run` sends: commands, one list for each round trip. */
  during(run: () => Promise<unknown>): Promise<string[][]>
}

/** A script about the log alone that tells nothing. */
const isHeartbeat = ([name, , , ...words]: RedisCommand): boolean =>
  name.startsWith('EVAL') && words[0] === '{shelflife}:log' && words.length === 3

function countTrips(client: RedisClient): Trips {
  let trips: string[][] = []
  let isAnswered = true
  return {
    client: {
      ...client,
      async send(command, key) {
        // of no call
        if (isHeartbeat(command)) return client.send(command, key)
        if (isAnswered) trips.push([])
        isAnswered = false
        trips.at(-1)?.push(command[0])
        return client.send(command, key).finally(() => {
          isAnswered = true
        })
      },
    },
    count: () => trips.length,
    async during(run) {
      trips = []
      isAnswered = true
      await run()
      return [...trips]
    },
  }
}

/** No command is given up, whatever else the machine does. */
const PATIENT = { budget: { read: '5s', write: '5s' } } as const

const servers: { stop(): Promise<void> }[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

const topologies = {
  standalone: async () => {
    const server = await startRedis()
    return { server, client: () => toRedisClient(server.url) }
  },
  cluster: async () => {
    const server = await startCluster()
    return { server, client: () => toRedisClient({ nodes: server.nodes.map(({ url }) => url) }) }
  },
}

/** Of the README of `@shelflife/redis`. */
const TABLE = {
  standalone: {
    hit: [['MGET']],
    'hit with two tags': [['MGET']],
    'hit with a tag that only the load told': [['MGET'], ['MGET']],
    miss: [['MGET'], ['EVALSHA', 'EVALSHA'], ['EVALSHA']],
    wait: [['MGET'], ['EVALSHA', 'EVALSHA'], ['EVALSHA'], ['MGET']],
    set: [['EVALSHA', 'EVALSHA'], ['EVALSHA'], ['EVALSHA']],
    invalidate: [['UNLINK', 'EVALSHA']],
    expire: [['EVALSHA', 'EVALSHA']],
    invalidateTags: [['EVALSHA']],
    expireTags: [['EVALSHA']],
    clear: [['EVALSHA']],
  },
  cluster: {
    hit: [['GET', 'MGET']],
    'hit with two tags': [['GET', 'MGET']],
    'hit with a tag that only the load told': [['GET', 'MGET'], ['MGET']],
    miss: [['GET', 'MGET'], ['EVALSHA', 'EVALSHA'], ['EVALSHA']],
    wait: [['GET', 'MGET'], ['EVALSHA', 'EVALSHA'], ['EVALSHA'], ['GET', 'MGET']],
    set: [['EVALSHA', 'EVALSHA'], ['EVALSHA'], ['EVALSHA']],
    invalidate: [['UNLINK'], ['EVALSHA']],
    expire: [['EVALSHA'], ['EVALSHA']],
    invalidateTags: [['EVALSHA']],
    expireTags: [['EVALSHA']],
    clear: [['EVALSHA']],
  },
} as const

for (const topology of ['standalone', 'cluster'] as const) {
  test(`round trips, ${topology}`, async () => {
    const { server, client } = await topologies[topology]()
    servers.push(server)
    const { client: counted, count, during } = countTrips(client())
    const cache = createCache({ namespace: 'shop', store: redisStore(counted, PATIENT) })
    const load = async (id: number): Promise<string> => `product ${id}`
    const plain = cache.cached(load, { name: 'plain', tier: 'static' })
    const tagged = cache.cached(load, { name: 'tagged', tier: 'static', tags: (id) => [`product/${id}`] })
    const late = cache.cached(async (context, id: number) => (context.tag('late'), load(id)), {
      name: 'late',
      tier: 'static',
      context: true,
    })
    // scripts are known and the clock has been read
    for (const call of [plain, tagged, late]) for (const id of [1, 2]) await call(id)
    await plain.set('other', 2)
    await plain.expire(2)
    await cache.invalidateTags(['none'])
    await cache.expireTags(['none'])
    await waitForOther()

    const found = {
      hit: await during(() => plain(1)),
      'hit with two tags': await during(() => tagged(1)),
      'hit with a tag that only the load told': await during(() => late(1)),
      miss: await during(() => tagged(3)),
      wait: await waitForOther(),
      set: await during(() => plain.set('new', 1)),
      expire: await during(() => plain.expire(1)),
      invalidate: await during(() => plain.invalidate(1)),
      invalidateTags: await during(() => cache.invalidateTags(['product/1', 'late'])),
      expireTags: await during(() => cache.expireTags(['product/1', 'late'])),
      clear: await during(() => cache.clear()),
    }
    expect(found).toEqual(TABLE[topology])
    await cache.close()

    /** What a process sends that finds another one loading. */
    async function waitForOther(): Promise<string[][]> {
      const other = createCache({ namespace: 'shop', store: redisStore(client(), PATIENT) })
      const source = versionedSource()
      source.hold()
      const slow = other.cached(
        async (id: number) => {
          await source.load()
          return load(id)
        },
        { name: 'plain', tier: 'static' },
      )
      const first = slow(4)
      await source.begun
      const waiting = during(() => plain(4))
      // it has read, asked to load, and asked to be told
      void vi.waitFor(() => expect(count()).toBeGreaterThan(2), { interval: 5 }).then(source.release)
      const trips = await waiting
      await first
      await plain.invalidate(4)
      await other.close()
      return trips
    }
  })
}

test('a server that has forgotten the scripts is told again', async () => {
  const server = await startRedis()
  servers.push(server)
  const { client, during } = countTrips(toRedisClient(server.url))
  const cache = createCache({ namespace: 'shop', store: redisStore(client) })
  await cache.invalidateTags(['one'])
  await server.command('SCRIPT', 'FLUSH')
  expect(await during(() => cache.invalidateTags(['one']))).toEqual([['EVALSHA'], ['EVAL']])
  expect(await during(() => cache.invalidateTags(['one']))).toEqual([['EVALSHA']])
  await cache.close()
})

test.each([
  ['when it has heard of messages', true],
  ['beside the first question about messages', false],
])('the first read of a process takes one round trip, as every other does: %s', async (_when, hasHeard) => {
  const server = await startRedis()
  servers.push(server)
  const other = redisStore(toRedisClient(server.url))
  await other.invalidate(['something'])
  // which has the server know the scripts
  await other.read('key', [])
  const client = toRedisClient(server.url)
  // connected
  await client.send(['PING'], 'key')
  const seen: string[] = []
  async function send(command: RedisCommand, key: string): Promise<unknown> {
    seen.push('sent')
    return client.send(command, key).finally(() => void seen.push('answered'))
  }
  // which hears of messages before anything is read, and has no heartbeat after that
  const store = redisStore({ ...client, send }, { ...PATIENT, clock: fakeClock() })
  const heard = new Promise<void>((resolve) => {
    store.bus?.listen({ message: () => {}, confirmed: () => resolve(), gap: () => {}, lost: () => {} })
  })
  if (hasHeard) {
    await heard
    await vi.waitFor(() => expect(seen.filter((what) => what === 'sent')).toHaveLength(seen.length / 2))
    seen.length = 0
  }
  await store.read('key', ['tag'])
  expect(seen.indexOf('answered')).toBe(seen.lastIndexOf('sent') + 1)
  expect(seen.length).toBeGreaterThan(2)
  await Promise.all([store.close(), other.close()])
})
