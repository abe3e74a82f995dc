import { setImmediate as nextTurn } from 'node:timers/promises'
import { startRedis } from '@shelflife/test-servers'
import { createClient } from 'redis'
import { expect, onTestFinished, test, vi } from 'vitest'

import { makeClient } from '../src/connect.ts'
import type { NodeRedisConnection } from '../src/node-redis-connection.ts'
import { openClient } from '../src/own-client.ts'
import { toRedisClient } from '../src/node-redis-store.ts'

const WAIT = { timeout: 5000, interval: 20 }

test('what is closed while it connects, or connects again, leaves no connection behind', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const connections = async (): Promise<number> => {
    const stats = String(await server.command('INFO', 'clients'))
    return Number(/connected_clients:(\d+)/.exec(stats)?.[1])
  }
  const moments = Array.from({ length: 40 }, (_, i) => i * 0.2)
  async function closeIn(ms: number, { close }: { close(): unknown }): Promise<void> {
    const at = performance.now() + ms
    while (performance.now() < at) await nextTurn()
    await close()
  }
  for (const ms of moments) await closeIn(ms, toRedisClient(server.url))

  for (const ms of moments) {
    const own = openClient(makeClient(server.url, 500), 500)
    const node = await createClient({ url: server.url })
      .on('error', () => {})
      .connect()
    // left, and connected anew; a cluster destroys nodes that it has no use for
    own.unanswered(node as unknown as NodeRedisConnection, Infinity)
    await closeIn(ms, { close: () => node.destroy() })
    own.close()
  }
  await vi.waitFor(async () => expect(await connections()).toBe(1), WAIT)
})

test('a master that has become a replica is left once, however many commands it refuses', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const client = toRedisClient(server.url)
  onTestFinished(() => client.close())
  const connections = async (): Promise<number> => {
    const stats = String(await server.command('INFO', 'clients'))
    return Number(/connected_clients:(\d+)/.exec(stats)?.[1])
  }
  const id = (): Promise<unknown> => client.send(['CLIENT', 'ID'], '')
  const first = Number(await id())
  expect(await connections()).toBe(2)
  await server.command('REPLICAOF', '127.0.0.1', '1')
  const losses = client.lossesOf?.('key') ?? NaN
  const writes = await Promise.allSettled(Array.from({ length: 30 }, () => client.send(['SET', 'key', 'value'], 'key')))
  expect(new Set(writes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  await vi.waitFor(async () => expect(Number(await id())).toBeGreaterThan(first), WAIT)
  expect(client.lossesOf?.('key')).toBe(losses + 1)
  expect(await connections()).toBe(2)
  await server.command('REPLICAOF', 'NO', 'ONE')
  expect(await client.send(['SET', 'key', 'value'], 'key')).not.toBeNull()
})
