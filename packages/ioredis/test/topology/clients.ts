import type {
  Address,
  Login,
  OpenedStore,
  TopologyClients,
  TopologyKind,
} from '@shelflife/test-servers/topology-clients'
import { PATIENT } from '@shelflife/test-servers/topology-clients'
import type { ClusterOptions } from 'ioredis'
import { Cluster, Redis } from 'ioredis'

import { ioredisStore } from '../../src/index.ts'

const own: TopologyKind = {
  isOwn: true,
  one: (url) => ({ store: ioredisStore(url, PATIENT) }),
  cluster: (nodes, login) => ({ store: ioredisStore({ nodes, options: { redisOptions: { ...login } } }, PATIENT) }),
  sentinel: (sentinels, name) => ({ store: ioredisStore({ sentinels: [...sentinels], name }, PATIENT) }),
}

function openOne(redis: Redis): OpenedStore & { readonly redis: Redis } {
  redis.on('error', () => {})
  return { redis, store: ioredisStore(redis, PATIENT), close: () => redis.disconnect() }
}

function openCluster(nodes: readonly Address[], login: Login | undefined, options: ClusterOptions): OpenedStore {
  const cluster = new Cluster([...nodes], { redisOptions: { ...login }, ...options } as object)
  cluster.on('error', () => {})
  return { store: ioredisStore(cluster, PATIENT), close: () => cluster.disconnect() }
}

const given = (options: ClusterOptions): TopologyKind => {
  const { enableOfflineQueue, enableAutoPipelining } = options
  const common = Object.fromEntries(
    Object.entries({ enableOfflineQueue, enableAutoPipelining }).filter(([, value]) => value !== undefined),
  )
  return {
    isOwn: false,
    one: (url) => openOne(new Redis(url, common)),
    cluster: (nodes, login) => openCluster(nodes, login, options),
    sentinel: (sentinels, name) => openOne(new Redis({ sentinels: [...sentinels], name, ...common })),
  }
}

export const clients: TopologyClients = {
  kinds: {
    own,
    given: given({}),
    'given, offline queue off': given({ enableOfflineQueue: false }),
    'given, from replicas, autopipelining': given({ scaleReads: 'slave', enableAutoPipelining: true }),
  },
  async shared(url) {
    const { redis, ...opened } = openOne(new Redis(url))
    return {
      ...opened,
      multi: () => redis.multi({ pipeline: false }),
      discard: () => redis.discard(),
      select: (database) => redis.select(database),
    }
  },
  process: new URL('../children/topology-process.ts', import.meta.url),
}
