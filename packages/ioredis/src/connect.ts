import { ShelflifeError, systemClock } from '@shelflife/core'
import { requireObject } from '@shelflife/core/integration'
import type { RedisUrl } from '@shelflife/redis'
import { checkHosts, parseRedisUrl, textOfUrl } from '@shelflife/redis'
import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis'
import { Cluster, Redis } from 'ioredis'

/** Where a Redis Cluster is: the arguments of `new Cluster(nodes, options)`. */
export interface IoredisClusterTarget {
  /** Some of the nodes, by URL or address. User, password and TLS of the first URL hold for all nodes. */
  readonly nodes: readonly (string | URL | { readonly host?: string | undefined; readonly port?: number | undefined })[]
  /** Options of ioredis. They go before the ones that the store would choose. */
  readonly options?: ClusterOptions
}

const DISCONNECT_WITHIN = 500
/** Milliseconds that the event loop may be blocked without losing its connections. */
const LONGEST_BLOCK = 4000
/** Sentinels are asked one after the other, and some may be away without a word. */
const SENTINEL_WITHIN = 1000
/** Short enough for a server that is there again to be used within a second. */
const LONGEST_PAUSE = 250

/**
 * Leaves a master that has become a replica: the next connection finds the new one. Once, however many commands it
 * refuses: each time ioredis puts another listener on the socket, until Node warns of a leak.
 */
function leaveReplica(): (error: Error) => 1 | false {
  let goneAt = -Infinity
  return ({ message }) => {
    const now = systemClock.now()
    if (!message.startsWith('READONLY') || now < goneAt) return false
    goneAt = now + DISCONNECT_WITHIN
    return 1
  }
}

/**
 * What lets a cache go on without its server at once and come back by itself: nothing is queued or sent twice, and a
 * peer that has stopped answering is left. The numbers were measured against servers that were killed, stopped and
 * cut off.
 */
function nodeOptions(answerWithin: number): RedisOptions {
  return {
    connectTimeout: LONGEST_BLOCK,
    // only this leaves a server that hangs; it is not for single commands, which the cache gives deadlines. It also leaves
    // one that has answered while the event loop was blocked for as long
    socketTimeout: Math.max(LONGEST_BLOCK, 3 * answerWithin),
    disconnectTimeout: DISCONNECT_WITHIN,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 500,
    keepAlive: 5000,
    reconnectOnError: leaveReplica(),
  }
}

const FOREVER: RedisOptions = {
  enableOfflineQueue: false,
  retryStrategy: (times) => Math.min(50 * 2 ** (times - 1), LONGEST_PAUSE) + Math.random() * 100,
  sentinelCommandTimeout: 500,
  sentinelRetryStrategy: (times) => Math.min(times * 50, LONGEST_PAUSE),
}

/** The constructors do not take the `undefined` that the types of their own options allow. */
type Accepted<Options> = Options & { replyMapping?: 'legacy' }

/** Makes a client for one server, by URL or options of ioredis, that is yet to be connected. */
export function createRedis(target: string | RedisOptions, answerWithin: number): Redis {
  const defaults = { ...nodeOptions(answerWithin), ...FOREVER }
  if (typeof target === 'string') {
    // never the text itself: what a client makes of it that it cannot read stands in its errors
    const { access, ...address } = parseRedisUrl(target)
    return new Redis({ ...defaults, ...address, ...access, lazyConnect: true } as Accepted<RedisOptions>)
  }
  // without it a master that hangs keeps its connections although another one took over
  const sentinel = target.sentinels ? { failoverDetector: true, connectTimeout: SENTINEL_WITHIN } : {}
  const options = { ...defaults, ...sentinel, ...target, lazyConnect: true }
  return new Redis(options as Accepted<RedisOptions>)
}

function startNode(given: IoredisClusterTarget['nodes'][number]): readonly [ClusterNode, RedisUrl['access']?] {
  const node = textOfUrl(given) as Exclude<typeof given, URL>
  if (typeof node !== 'string') {
    requireObject('nodes', node, 'URLs or addresses, { host, port }')
    checkHosts([node.host])
    return [node]
  }
  const { host, port, db, access } = parseRedisUrl(node)
  if (db === 0) return [{ host, port }, access]
  throw new ShelflifeError('invalid-option', 'the URL of a node must be without a database: a Cluster has only one')
}

/** Makes a client for a Redis Cluster that is yet to be connected. */
export function createCluster({ nodes, options = {} }: IoredisClusterTarget, answerWithin: number): Cluster {
  if (!Array.isArray(nodes) || nodes.length === 0) {
    throw new ShelflifeError('invalid-option', 'nodes must be a list of at least one node of the Cluster')
  }
  requireObject('options', options)
  const startNodes = nodes.map(startNode)
  const [, access] = startNodes.find(([, stated]) => stated !== undefined) ?? []
  const redisOptions = { ...nodeOptions(answerWithin), ...access, ...options.redisOptions }
  const addresses = startNodes.map(([address]) => address)
  return new Cluster(addresses, {
    enableOfflineQueue: false,
    // it asks any node, and waits for one that hangs; a Cluster that is down refuses commands by itself
    enableReadyCheck: false,
    maxRedirections: 3,
    // long enough for a connection that was only idle; a cache does not wait for a failover, it loads
    retryDelayOnFailover: 30,
    retryDelayOnClusterDown: 0,
    // ioredis documents a default of 5000 and has none
    slotsRefreshInterval: 2000,
    slotsRefreshTimeout: 1000,
    clusterRetryStrategy: (times) => Math.min(100 * times, LONGEST_PAUSE),
    ...options,
    redisOptions: redisOptions as Accepted<RedisOptions>,
    lazyConnect: true,
  })
}
