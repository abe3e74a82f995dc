import { startRedis } from '@shelflife/test-servers'
import { expect, onTestFinished, test, vi } from 'vitest'

import { toRedisClient } from '../src/node-redis-store.ts'

const WAIT = { timeout: 5000, interval: 20 }

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
