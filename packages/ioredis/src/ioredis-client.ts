import type { RedisClient, RedisCommand, RedisSubscribed, RedisSubscription } from '@shelflife/redis'
import slotOf from 'cluster-key-slot'

import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'
import type { OwnClient } from './own-client.ts'
import { sendCommand } from './send-command.ts'
import type { Dial } from './subscriber.ts'
import { subscriber, SUBSCRIBER_OPTIONS } from './subscriber.ts'

/** A client of ioredis, and what is known of it where this package made it. */
export interface IoredisClientInput<Client> {
  readonly client: Client
  readonly own?: OwnClient | undefined
}

interface Parts {
  readonly cluster: boolean
  /** Commands of a Cluster go to several nodes, which do not wait for each other. */
  readonly ordered: boolean
  readonly own: OwnClient | undefined
  transmit(command: RedisCommand, key: string): Promise<unknown>
  dialFor(subscription: RedisSubscription): Dial
}

function redisClient({ cluster, ordered, own, transmit, dialFor }: Parts): RedisClient {
  const subscriptions = new Set<RedisSubscribed>()

  function send(command: RedisCommand, key: string): Promise<unknown> {
    const beginning = own?.beginning()
    if (beginning !== undefined) return beginning.then(() => send(command, key))
    const failure = own?.failure()
    return failure === undefined ? transmit(command, key) : Promise.reject(failure)
  }

  return {
    label: 'ioredis',
    cluster,
    ordered,
    send,
    subscribe(subscription) {
      const subscribed = subscriber(dialFor(subscription), subscription)
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

/** Translates a `Redis`: standalone or through Sentinel. */
export function ioredisClient({ client, own }: IoredisClientInput<IoredisConnection>): RedisClient {
  return redisClient({
    cluster: false,
    ordered: true,
    own,
    transmit: (command) => sendCommand(client, command),
    dialFor: () => () => client.duplicate(SUBSCRIBER_OPTIONS),
  })
}

/** Translates a `Cluster`. */
export function ioredisClusterClient({ client, own }: IoredisClientInput<IoredisCluster>): RedisClient {
  function ownerOf(name: string): IoredisConnection | undefined {
    const owner = client.slots[slotOf(name)]?.[0]
    return client.nodes('master').find(({ options: { host, port } }) => `${host}:${port}` === owner)
  }

  function anyNode(): IoredisConnection | undefined {
    const nodes = client.nodes('master')
    return nodes[Math.floor(Math.random() * nodes.length)]
  }

  return redisClient({
    cluster: true,
    ordered: false,
    own,
    transmit(command, key) {
      // a command without keys, such as TIME, would go to any node
      const node = command.includes(key) ? undefined : ownerOf(key)
      return sendCommand(node ?? client, command)
    },
    /*
     * One connection to one node. A Cluster made for subscriptions alone would keep one for each master and another
     * for the slots, loses classic subscriptions that failed once, and does not notice a node that hangs.
     */
    dialFor({ channel, sharded }) {
      let isFirst = true
      return () => {
        // a subscription that has to be made again may have lost its node, which nobody else may have noticed
        if (!isFirst) client.refreshSlotsCache()
        isFirst = false
        return (sharded ? ownerOf(channel) : anyNode())?.duplicate(SUBSCRIBER_OPTIONS)
      }
    },
  })
}
