import type { RemoteStore } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import type { RedisClient, RedisStoreOptions } from '@shelflife/redis'
import { checkHosts, checkTarget, redisStore, resolveRedisOptions, textOfUrl } from '@shelflife/redis'
import type { RedisOptions } from 'ioredis'

import { adviceOn } from './client-advice.ts'
import type { IoredisClusterTarget } from './connect.ts'
import { createCluster, createRedis } from './connect.ts'
import { ioredisClient, ioredisClusterClient } from './ioredis-client.ts'
import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'
import { openClient } from './own-client.ts'

/** What `ioredisStore` connects to: a URL, options of ioredis, the nodes of a Cluster, or a client that exists. */
export type IoredisTarget = string | URL | RedisOptions | IoredisClusterTarget | IoredisConnection | IoredisCluster

const LIBRARY = {
  library: 'ioredis',
  others: {
    url: 'give the URL itself',
    socket: 'give host and port',
    rootNodes: 'give { nodes }',
    sentinelRootNodes: 'give sentinels and name',
  },
}

type Client = IoredisConnection | IoredisCluster

const isClient = (target: Exclude<IoredisTarget, string | URL>): target is Client =>
  typeof (target as Partial<Client> | null | undefined)?.createBuiltinCommand === 'function'
const isCluster = (client: Client): client is IoredisCluster => client.isCluster

/** @throws ShelflifeError `invalid-option` */
function refuseOptions(client: Client): void {
  if (client.options.keyPrefix) {
    throw new ShelflifeError(
      'invalid-option',
      'a client with keyPrefix would put it before keys but not before channels; use a client without it and the ' +
        'prefix option of the store',
    )
  }
  const { stringNumbers } = isCluster(client) ? (client.options.redisOptions ?? {}) : client.options
  if (stringNumbers) {
    throw new ShelflifeError('invalid-option', 'the client must not have stringNumbers: the store needs the numbers')
  }
}

function translate(client: Client, isOwn: boolean, readBudget: number): RedisClient {
  refuseOptions(client)
  const own = isOwn ? openClient(client) : undefined
  const translated = isCluster(client)
    ? ioredisClusterClient({ client, own, readBudget })
    : ioredisClient({ client, own })
  return isOwn ? translated : { ...translated, advice: adviceOn(client, isCluster(client)) }
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration`, before a client is made that nobody would close */
export function toRedisClient(given: IoredisTarget, options: RedisStoreOptions = {}): RedisClient {
  const target = textOfUrl(given) as Exclude<IoredisTarget, URL>
  const { read: readBudget, write } = resolveRedisOptions(options).budget
  const answerWithin = Math.max(readBudget, write)
  if (typeof target === 'string') return translate(createRedis(target, answerWithin), true, readBudget)
  if (isClient(target)) return translate(target, false, readBudget)
  checkTarget(target, LIBRARY)
  if ('nodes' in target) return translate(createCluster(target, answerWithin), true, readBudget)
  const { host, sentinels = [] } = target
  if (!Array.isArray(sentinels)) throw new ShelflifeError('invalid-option', 'sentinels must be a list of addresses')
  checkHosts([host, ...sentinels.map((sentinel) => sentinel?.host)])
  if (target.sentinels && !target.name) {
    throw new ShelflifeError('invalid-option', 'name must be that of the master, beside sentinels')
  }
  return translate(createRedis(target, answerWithin), true, readBudget)
}

/**
 * A remote store on ioredis 6: one server, Sentinel or Cluster.
 *
 * A URL or options make a client that belongs to the store: it connects at once, in the background, tries for ever, and
 * is closed with the store. A given client is used as it is and never closed, and its errors are left to its own
 * `error` listener; only connections for subscriptions are added to it, which the store closes.
 *
 * @param target a `redis://` or `rediss://` URL; options of ioredis (`sentinels` among them); `{ nodes, options }` of a
 * Cluster; or a `Redis` or `Cluster`
 * @throws ShelflifeError `invalid-option` for what none of these is, and for a client with `keyPrefix` or
 * `stringNumbers`. An unreachable server is not an error.
 * @example ioredisStore('redis://localhost:6379')
 * @example ioredisStore({ sentinels: [{ host: 'sentinel-1', port: 26379 }], name: 'main' })
 * @example ioredisStore({ nodes: ['rediss://user:password@node-1:6379'] })
 */
export function ioredisStore(target: IoredisTarget, options: RedisStoreOptions = {}): RemoteStore {
  return redisStore(toRedisClient(target, options), options)
}
