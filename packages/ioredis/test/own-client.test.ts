import { once } from 'node:events'

import type { RedisCluster, RedisServer } from '@shelflife/test-servers'
import { startCluster, startRedis } from '@shelflife/test-servers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { createCluster, createRedis } from '../src/connect.ts'
import { openClient } from '../src/own-client.ts'

let server: RedisServer
let cluster: RedisCluster
beforeAll(async () => {
  server = await startRedis()
  cluster = await startCluster()
}, 60_000)
afterAll(async () => {
  await server.stop()
  await cluster.stop()
})

const clients = {
  'of one server': () => createRedis(server.url, 500),
  'of a Cluster': () => createCluster({ nodes: cluster.urls }, 500),
}
const WAIT = { timeout: 10_000, interval: 20 }

test('a master that has become a replica is left once, however many commands it refuses', async () => {
  const demoted = await startRedis()
  const client = createRedis(demoted.url, 500)
  const own = openClient(client)
  const warnings: Error[] = []
  const warned = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warned)
  await vi.waitFor(() => expect(client.status).toBe('ready'), WAIT)
  const left = once(client, 'close')
  await demoted.command('REPLICAOF', '127.0.0.1', '1')
  const writes = await Promise.allSettled(Array.from({ length: 30 }, () => client.set('key', 'value')))
  expect(new Set(writes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  await left
  await new Promise(setImmediate)
  process.off('warning', warned)
  own.close()
  await demoted.stop()
  expect(warnings).toEqual([])
})

test.each(Object.entries(clients))('a client %s that gave up connects again, until it is closed', async (_, make) => {
  const client = make()
  const own = openClient(client)
  const isReady = (): void => expect(client.status).toBe('ready')
  await vi.waitFor(isReady, WAIT)
  // what ioredis does to itself when it hears of a failover at the wrong moment
  const ended = once(client, 'end')
  client.disconnect()
  await ended
  expect(own.failure()).toBeDefined()
  await vi.waitFor(isReady, WAIT)
  expect(await client.ping()).toBe('PONG')
  await vi.waitFor(() => expect(own.failure()).toBeUndefined(), WAIT)

  const closed = once(client, 'end')
  own.close()
  await closed
})
