import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClient } from '@shelflife/test-servers/describe-redis-client'
import { createClient, RESP_TYPES } from 'redis'
import { startRedis } from '@shelflife/test-servers'
import { expect, test } from 'vitest'

import { toRedisClient } from '../src/node-redis-store.ts'

async function given(url: string, options: object = {}): Promise<GivenClient> {
  const client = createClient({ url, ...options })
  client.on('error', () => {})
  await client.connect()
  return {
    client: toRedisClient(client),
    close: () => client.destroy(),
    works: async () => (await client.ping()) === 'PONG',
  }
}

const numbersAsText = { typeMapping: { [RESP_TYPES.NUMBER]: String } }

describeRedisClient('node-redis', {
  own: (url) => toRedisClient(url),
  given: {
    'a client': given,
    'a client with RESP2': (url) => given(url, { RESP: 2 }),
    'a client with options for commands': (url) => given(url, { commandOptions: numbersAsText }),
  },
})

test('a given client has no other listeners afterwards', async () => {
  const server = await startRedis()
  const redis = createClient({ url: server.url })
  redis.on('error', () => {})
  await redis.connect()
  const count = (): number[] => ['error', 'connect', 'ready', 'end'].map((event) => redis.listenerCount(event))
  const before = count()
  const client = toRedisClient(redis)
  await client.send(['PING'], '')
  await client.close()
  expect(count()).toEqual(before)
  redis.destroy()
  await server.stop()
})

test('keyPrefix of a client is not for the keys of the store', async () => {
  const server = await startRedis()
  const redis = createClient({ url: server.url, keyPrefix: 'app:' })
  await redis.connect()
  await toRedisClient(redis).send(['SET', 'key', 'x'], 'key')
  expect(await server.command('KEYS', '*')).toEqual(['key'])
  redis.destroy()
  await server.stop()
})
