import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClient } from '@shelflife/test-servers/describe-redis-client'
import { startRedis } from '@shelflife/test-servers'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'

async function given(url: string, options: object = {}): Promise<GivenClient> {
  const redis = new Redis(url, options)
  redis.on('error', () => {})
  return {
    client: toRedisClient(redis),
    close: () => redis.disconnect(),
    works: async () => (await redis.ping()) === 'PONG',
  }
}

describeRedisClient('ioredis', {
  own: (url) => toRedisClient(url),
  given: {
    'a client': given,
    'a client with RESP2': (url) => given(url, { protocol: 2 }),
    'a client with RESP3 replies': (url) => given(url, { replyMapping: 'resp3' }),
    'a client with autopipelining': (url) => given(url, { enableAutoPipelining: true }),
    'a client that is not connected yet': (url) => given(url, { lazyConnect: true }),
  },
})

test('a given client has no other listeners afterwards', async () => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  const count = (): number[] => ['error', 'connect', 'close', 'ready', 'end'].map((event) => redis.listenerCount(event))
  await redis.ping()
  const before = count()
  const client = toRedisClient(redis)
  await client.send(['PING'], '')
  await client.close()
  expect(count()).toEqual(before)
  redis.disconnect()
  await server.stop()
})

test('a hash is left as it comes', async () => {
  const server = await startRedis()
  const client = toRedisClient(server.url)
  expect(await client.send(['hgetall', 'none'], 'none')).toEqual([])
  await client.close()
  await server.stop()
})
