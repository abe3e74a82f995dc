import type { RemoteStore } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import type { RedisClient, RedisStoreOptions } from '@shelflife/redis'
import { checkTarget, redisStore, resolveRedisOptions, textOfUrl } from '@shelflife/redis'
import type { RedisClientOptions, RedisClusterOptions } from 'redis'

import { clientAdvice } from './client-advice.ts'
import { makeClient, makeCluster } from './connect.ts'
import { nodeRedisClient, nodeRedisClusterClient } from './node-redis-client.ts'
import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
import { openClient } from './own-client.ts'

/** What `nodeRedisStore` connects to: a URL, options of node-redis for a client or a cluster, or one that exists. */
export type NodeRedisTarget =
  | string
  | URL
  | RedisClientOptions
  | RedisClusterOptions
  | NodeRedisConnection
  | NodeRedisCluster

const FOR_SENTINEL = 'use @shelflife/ioredis for Sentinel'
const LIBRARY = {
  library: 'node-redis',
  others: {
    host: 'give socket: { host, port }, or a URL',
    port: 'give socket: { host, port }, or a URL',
    nodes: 'give { rootNodes }',
    sentinels: FOR_SENTINEL,
    sentinelRootNodes: FOR_SENTINEL,
  },
}

type Client = NodeRedisConnection | NodeRedisCluster

const hasMethod = (target: object, name: string): boolean => typeof Reflect.get(target, name) === 'function'
const isClient = (target: object): target is Client =>
  hasMethod(target, 'sendCommand') && (hasMethod(target, 'sSubscribe') || hasMethod(target, 'getNodeClientForKey'))
const isCluster = (client: Client): client is NodeRedisCluster => 'getNodeClientForKey' in client

/** @throws ShelflifeError `invalid-option`, `invalid-duration`, before a client is made that nobody would close */
export function toRedisClient(given: NodeRedisTarget, options: RedisStoreOptions = {}): RedisClient {
  const target = textOfUrl(given) as Exclude<NodeRedisTarget, URL>
  const { read: readBudget, write } = resolveRedisOptions(options).budget
  const answerWithin = Math.max(readBudget, write)
  if (typeof target === 'object' && target !== null) {
    // its commands take other arguments
    if (hasMethod(target, 'getMasterNode') || hasMethod(target, 'execute')) {
      throw new ShelflifeError(
        'invalid-option',
        'a Sentinel or a pool of node-redis cannot be used; give a client, or ' + FOR_SENTINEL,
      )
    }
    if (isClient(target)) {
      return isCluster(target)
        ? nodeRedisClusterClient(target, readBudget)
        : { ...nodeRedisClient(target), advice: clientAdvice }
    }
  }
  if (typeof target !== 'string') checkTarget(target, LIBRARY)
  if (typeof target === 'object' && 'rootNodes' in target) {
    const cluster = makeCluster(target, answerWithin)
    return nodeRedisClusterClient(cluster, readBudget, openClient(cluster, answerWithin))
  }
  const client = makeClient(target, answerWithin)
  return nodeRedisClient(client, openClient(client, answerWithin))
}

/**
 * A remote store on node-redis 6 (the package `redis`): one server or Cluster.
 *
 * A URL or options make a client that belongs to the store: it connects at once, in the background, tries for ever, and
 * is closed with the store. A given client is used as it is and never opened or closed, and its errors are left to its
 * own `error` listener; only connections for subscriptions are added to it, which the store closes. `keyPrefix` of a
 * client has no effect on the store, which has its own option `prefix`.
 *
 * @param target a `redis://`, `rediss://` or `unix://` URL; options of `createClient`; options of `createCluster`
 * (with `rootNodes`); or what these return
 * @throws ShelflifeError `invalid-option` for what none of these is. An unreachable server is not an error.
 * @example nodeRedisStore('redis://localhost:6379')
 * @example nodeRedisStore({ rootNodes: [{ url: 'redis://node-1:6379' }] })
 */
export function nodeRedisStore(target: NodeRedisTarget, options: RedisStoreOptions = {}): RemoteStore {
  return redisStore(toRedisClient(target, options), options)
}
