import type { RedisCluster } from '@shelflife/test-servers'
import type { GivenClient } from '@shelflife/test-servers/describe-redis-client'
import { describeRedisClusterClient } from '@shelflife/test-servers/describe-redis-cluster-client'
import { Cluster } from 'ioredis'

import { toRedisClient } from '../src/ioredis-store.ts'

async function given({ rootNodes }: RedisCluster, options: object = {}): Promise<GivenClient> {
  const cluster = new Cluster([...rootNodes], options)
  cluster.on('error', () => {})
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
  },
  fromReplicas: (cluster) => given(cluster, { scaleReads: 'slave' }),
})
