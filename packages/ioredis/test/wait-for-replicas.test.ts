import type { Cache, InvalidationOptions, RemoteOutcome } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import type { RedisServer } from '@shelflife/test-servers'
import { startRedis } from '@shelflife/test-servers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

/** A busy machine is not a replica that is behind. */
const PATIENT = { read: '4s', write: '5s' } as const
const WAIT = { timeout: 10_000, interval: 20 }

let master: RedisServer
let replica: RedisServer
const caches: Cache[] = []

beforeAll(async () => {
  master = await startRedis({ config: ['repl-diskless-sync-delay 0'] })
  replica = await startRedis()
  await replica.command('REPLICAOF', master.host, master.port)
  const follows = async (): Promise<void> =>
    expect(String(await replica.command('INFO', 'replication'))).toContain('master_link_status:up')
  await vi.waitFor(follows, WAIT)
})

afterAll(async () => {
  for (const cache of caches) await cache.close()
  await Promise.all([master.stop(), replica.stop()])
})

function open(waitForReplicas: number): Cache {
  const cache = createCache({
    namespace: 'shop',
    store: ioredisStore(master.url, { waitForReplicas, budget: PATIENT }),
  })
  caches.push(cache)
  return cache
}

type Invalidate = (cache: Cache, options?: InvalidationOptions) => Promise<{ readonly remote: RemoteOutcome }>

test.each<[string, Invalidate]>([
  ['a key', (cache) => cache.invalidate('key')],
  ['a tag', (cache) => cache.invalidateTags(['tag'])],
])('an invalidation of %s is done when a replica has it, and queued until then', async (_, invalidate) => {
  const cache = open(1)
  expect((await invalidate(cache)).remote).toBe('done')
  replica.pause()
  expect((await invalidate(open(0))).remote).toBe('done')
  expect((await invalidate(cache)).remote).toBe('queued')
  replica.resume()
  await vi.waitFor(() => expect(cache.health().stores[0]?.owed).toBe(0), WAIT)
  expect((await invalidate(cache)).remote).toBe('done')
})

test('replicas that are away hold up nothing but what waits for them', async () => {
  const cache = open(2)
  const states: string[] = []
  cache.on('breaker', ({ state }) => states.push(state))
  let loads = 0
  const get = cache.cached(async (id: number) => ({ id, loads: ++loads }), { name: 'value', ttl: '1h' })
  const ids = Array.from({ length: 100 }, (_, id) => id)
  await Promise.all(ids.map((id) => get(id)))
  const outcomes = await Promise.all(ids.map((id) => cache.invalidate(`other ${id}`)))
  expect(new Set(outcomes.map(({ remote }) => remote))).toEqual(new Set(['queued']))
  await Promise.all(ids.map((id) => get(id)))
  expect(loads).toBe(ids.length)
  expect(states).toEqual([])
})

test('more replicas than there are make every invalidation be queued', async () => {
  const cache = open(2)
  expect((await cache.invalidate('key')).remote).toBe('queued')
  await expect(cache.invalidate('key', { require: 'remote' })).rejects.toThrow(/could not be told/)
})

test.each([-1, 0.5, Number.NaN, '1'])('%s is no number of replicas', (waitForReplicas) => {
  expect(() => ioredisStore(master.url, { waitForReplicas: waitForReplicas as number })).toThrow(
    /waitForReplicas must be/,
  )
})
