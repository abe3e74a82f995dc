import type { NodeRedisCluster, NodeRedisConnection, NodeRedisTarget } from '@shelflife/node-redis'
import type { createClient, createCluster, createSentinel, RedisClientOptions, RedisClusterOptions } from 'redis'
import { expectTypeOf, test } from 'vitest'

type Client = ReturnType<typeof createClient>
type Cluster = ReturnType<typeof createCluster>

test('clients of node-redis are what the store asks for', () => {
  expectTypeOf<Client>().toExtend<NodeRedisConnection>()
  expectTypeOf<Cluster>().toExtend<NodeRedisCluster>()
})

test('a store is made of a URL, options or a client', () => {
  expectTypeOf<string>().toExtend<NodeRedisTarget>()
  expectTypeOf<RedisClientOptions>().toExtend<NodeRedisTarget>()
  expectTypeOf<RedisClusterOptions>().toExtend<NodeRedisTarget>()
  expectTypeOf<Client>().toExtend<NodeRedisTarget>()
  expectTypeOf<Cluster>().toExtend<NodeRedisTarget>()
  expectTypeOf<number>().not.toExtend<NodeRedisTarget>()
  expectTypeOf<ReturnType<typeof createSentinel>>().not.toExtend<NodeRedisConnection>()
})
