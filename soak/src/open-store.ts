import type { RemoteStore } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import { nodeRedisStore } from '@shelflife/node-redis'
import type { RedisStoreOptions } from '@shelflife/redis'
import { upstashStore } from '@shelflife/upstash'
import type { ClusterSetup, WorkerSetup } from './report.ts'

export function openOnCluster({ nodes, client }: ClusterSetup, options: RedisStoreOptions = {}): RemoteStore {
  if (client === 'ioredis') return ioredisStore({ nodes }, options)
  return nodeRedisStore({ rootNodes: nodes.map((socket) => ({ socket: { ...socket } })) }, options)
}

export function openStore({ url, cluster, upstash }: WorkerSetup, options: RedisStoreOptions): RemoteStore {
  if (cluster !== undefined) return openOnCluster(cluster, options)
  return upstash === undefined ? ioredisStore(url, options) : upstashStore(upstash, options)
}
