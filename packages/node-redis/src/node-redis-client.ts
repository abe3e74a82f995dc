import type { RedisClient, RedisCommand, RedisSubscribed } from '@shelflife/redis'
import { RESP_TYPES } from 'redis'

import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
import type { OwnClient } from './own-client.ts'
import type { FindClient } from './subscriber.ts'
import { subscriber } from './subscriber.ts'

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
  const subscriptions = new Set<RedisSubscribed>()

  async function transmit(command: RedisCommand, key: string): Promise<unknown> {
    const words = command.map(toWord)
    if (!isCluster(client)) return client.sendCommand(words, COMMAND_OPTIONS)
    // false: a replica may still have what was invalidated
    if (command.includes(key)) return client.sendCommand(key, false, words, COMMAND_OPTIONS)
    // a command without keys, such as TIME, would go to any node, or to all
    const node = await client.getNodeClientForKey(key)
    return node.sendCommand(words, COMMAND_OPTIONS)
  }

  function send(command: RedisCommand, key: string): Promise<unknown> {
    const beginning = own?.beginning()
    if (beginning !== undefined) return beginning.then(() => send(command, key))
    const failure = own?.failure()
    return failure === undefined ? transmit(command, key) : Promise.reject(failure)
  }

  return {
    label: 'node-redis',
    cluster,
    ordered: !cluster,
    send,
    subscribe(subscription) {
      const find: FindClient = async () =>
        isCluster(client) ? client.getNodeClientForKey(subscription.channel) : client
      const subscribed = subscriber(find, subscription)
      subscriptions.add(subscribed)
      return {
        active: subscribed.active,
        async close() {
          subscriptions.delete(subscribed)
          await subscribed.close()
        },
      }
    },
    async close() {
      for (const subscribed of subscriptions) await subscribed.close()
      subscriptions.clear()
      own?.close()
    },
  }
}
