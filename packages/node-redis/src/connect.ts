import { ShelflifeError } from '@shelflife/core'
import { requireObject } from '@shelflife/core/integration'
import { checkHosts } from '@shelflife/redis'
import type { RedisClientOptions, RedisClusterOptions } from 'redis'
import { createClient, createCluster } from 'redis'

import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
import { readUrl, refuseUrl } from './read-url.ts'

const PING_EVERY = 1000
/** Milliseconds that the event loop may be blocked without losing its connections. */
const LONGEST_BLOCK = 4000
/** Short enough for a server that is there again to be used within a second. */
const LONGEST_PAUSE = 250

/** Milliseconds after which another root node is asked where the slots are. */
const ROOT_WITHIN = 1000

/** Milliseconds without an answer after which a connection is given up. `answerWithin`: the longest budget. */
export const hangsAfter = (answerWithin: number): number => Math.max(PING_EVERY + LONGEST_BLOCK, 3 * answerWithin)

/** Of options with a socket; the rest is for node-redis to look at. */
function checkSocket(options: RedisClientOptions): void {
  requireObject('options of a client', options)
  const { socket = {} } = options
  requireObject('socket', socket)
  checkHosts([Reflect.get(socket, 'host')])
}

/** What lets a cache go on without its server at once and come back by itself. */
function withDefaults<Options extends RedisClientOptions>(options: Options, answerWithin: number): Options {
  return {
    disableOfflineQueue: true,
    // a socket without traffic is closed, so there has to be some
    pingInterval: PING_EVERY,
    ...options,
    socket: {
      connectTimeout: LONGEST_BLOCK,
      socketTimeout: hangsAfter(answerWithin),
      keepAliveInitialDelay: 5000,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, LONGEST_PAUSE) + Math.random() * 100,
      ...options.socket,
    },
  }
}

/** Makes a client that is yet to be connected. */
export function makeClient(target: string | RedisClientOptions, answerWithin: number): NodeRedisConnection {
  const options: RedisClientOptions = typeof target === 'string' ? { url: target } : target
  checkSocket(options)
  if (options.url === undefined) return createClient(withDefaults(options, answerWithin))
  const url = readUrl(options.url)
  try {
    return createClient(withDefaults({ ...options, url }, answerWithin))
  } catch {
    return refuseUrl('one that node-redis does not take')
  }
}

/** Makes a cluster that is yet to be connected. */
export function makeCluster(options: RedisClusterOptions, answerWithin: number): NodeRedisCluster {
  if (!Array.isArray(options.rootNodes) || options.rootNodes.length === 0) {
    throw new ShelflifeError('invalid-option', 'rootNodes must be a list of at least one node of the Cluster')
  }
  for (const node of [...options.rootNodes, options.defaults ?? {}]) checkSocket(node)
  // node-redis writes into what it is given
  const rootNodes = options.rootNodes.map((node) => {
    const rootNode = { ...node, socket: { socketTimeout: ROOT_WITHIN, ...node.socket } }
    return node.url === undefined ? rootNode : { ...rootNode, url: readUrl(node.url) }
  })
  return createCluster({
    // a node that is down at the start would keep all others waiting
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: LONGEST_PAUSE,
    ...options,
    rootNodes,
    defaults: withDefaults(options.defaults ?? {}, answerWithin),
  })
}
