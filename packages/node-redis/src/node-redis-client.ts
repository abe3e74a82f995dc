import type { OwnClient, RedisClient, RedisCommand } from '@shelflife/redis'
import { translateClient } from '@shelflife/redis'
import { RESP_TYPES } from 'redis'

import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
import { subscriberConnection } from './subscriber-connection.ts'

/**
 * For every command, whatever the client was made with: strings as bytes, numbers as numbers. The time a command may
 * take is bounded by the cache; node-redis would make an AbortSignal for each, which costs more than the command.
 */
const COMMAND_OPTIONS = {
  typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
  timeout: undefined,
  abortSignal: undefined,
}

const toWord = (argument: string | Uint8Array): string | Buffer =>
  typeof argument === 'string' || Buffer.isBuffer(argument)
    ? argument
    : Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)

const isCluster = (client: NodeRedisConnection | NodeRedisCluster): client is NodeRedisCluster =>
  'getNodeClientForKey' in client

/** Translates a client or a cluster of node-redis; `own` is what is known of one that this package made. */
export function nodeRedisClient(client: NodeRedisConnection | NodeRedisCluster, own?: OwnClient): RedisClient {
  const cluster = isCluster(client)

  async function transmit(command: RedisCommand, key: string): Promise<unknown> {
    const words = command.map(toWord)
    if (!isCluster(client)) return client.sendCommand(words, COMMAND_OPTIONS)
    // false: a replica may still have what was invalidated
    if (command.includes(key)) return client.sendCommand(key, false, words, COMMAND_OPTIONS)
    // a command without keys, such as TIME, would go to any node, or to all
    const node = await client.getNodeClientForKey(key)
    return node.sendCommand(words, COMMAND_OPTIONS)
  }

  return translateClient({
    label: 'node-redis',
    cluster,
    ordered: !cluster,
    own,
    transmit,
    async dial(attempt) {
      const node = isCluster(client) ? await client.getNodeClientForKey(attempt.channel) : client
      return subscriberConnection(node, attempt)
    },
  })
}
