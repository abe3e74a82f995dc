import type { RedisCluster } from '@shelflife/test-servers'
import { startCluster } from '@shelflife/test-servers'
import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClusterClient } from '@shelflife/test-servers/describe-redis-cluster-client'
import { createCluster } from 'redis'
import { expect, test } from 'vitest'

import { toRedisClient } from '../src/node-redis-store.ts'

const rootNodesOf = ({ rootNodes }: RedisCluster): { socket: { host: string; port: number } }[] =>
  rootNodes.map((socket) => ({ socket: { ...socket } }))

async function given(at: RedisCluster, options: object = {}): Promise<GivenClient> {
  const cluster = createCluster({ rootNodes: rootNodesOf(at), ...options })
  cluster.on('error', () => {})
  await cluster.connect()
  return {
    client: toRedisClient(cluster),
    close: () => cluster.destroy(),
    works: async () => (await cluster.set('works', 'yes')) === 'OK',
  }
}

describeRedisClusterClient('node-redis on a Cluster', {
  own: {
    'one URL': ({ urls }) => toRedisClient({ rootNodes: urls.slice(0, 1).map((url) => ({ url })) }),
    addresses: (cluster) => toRedisClient({ rootNodes: rootNodesOf(cluster) }),
  },
  given: { 'a client': given },
  fromReplicas: (cluster) => given(cluster, { useReplicas: true }),
})

test('a given client has no other listeners afterwards', async () => {
  const at = await startCluster()
  const cluster = createCluster({ rootNodes: rootNodesOf(at) })
  cluster.on('error', () => {})
  await cluster.connect()
  const count = (): number[] => ['error', 'node-error', 'node-connect'].map((event) => cluster.listenerCount(event))
  const before = count()
  const client = toRedisClient(cluster)
  await client.send(['GET', 'key'], 'key')
  await client.close()
  expect(count()).toEqual(before)
  cluster.destroy()
  await at.stop()
})
