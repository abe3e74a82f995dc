import { once } from 'node:events'

import type { RedisCluster } from '@shelflife/test-servers'
import { startCluster } from '@shelflife/test-servers'
import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClusterClient } from '@shelflife/test-servers/describe-redis-cluster-client'
import { Cluster } from 'ioredis'
import { expect, test } from 'vitest'

import { toRedisClient } from '../src/ioredis-store.ts'

async function given({ rootNodes }: RedisCluster, options: object = {}): Promise<GivenClient> {
  const cluster = new Cluster([...rootNodes], options)
  cluster.on('error', () => {})
  if ('enableOfflineQueue' in options) await once(cluster, 'ready')
  return {
    client: toRedisClient(cluster),
    close: () => cluster.disconnect(),
    works: async () => (await cluster.set('works', 'yes')) === 'OK',
  }
}

describeRedisClusterClient('ioredis on a Cluster', {
  own: {
    'one URL': ({ urls }) => toRedisClient({ nodes: urls.slice(0, 1) }),
    addresses: ({ rootNodes }) => toRedisClient({ nodes: rootNodes }),
  },
  given: {
    'a client': given,
    'a client with autopipelining': (cluster) => given(cluster, { enableAutoPipelining: true }),
    'a client that queues nothing': (cluster) => given(cluster, { enableOfflineQueue: false }),
  },
  fromReplicas: (cluster) => given(cluster, { scaleReads: 'slave' }),
})

test('a given client has no other listeners afterwards', async () => {
  const at = await startCluster()
  const cluster = new Cluster([...at.rootNodes])
  await cluster.ping()
  const count = (): number[] =>
    [cluster, ...cluster.nodes()].flatMap((one) =>
      ['error', '+node', '-node', 'refresh', 'connect', 'close'].map((event) => one.listenerCount(event)),
    )
  await Promise.all(cluster.nodes().map((node) => node.ping()))
  const before = count()
  const client = toRedisClient(cluster)
  await client.send(['GET', 'key'], 'key')
  await client.close()
  expect(count()).toEqual(before)
  cluster.disconnect()
  await at.stop()
})
