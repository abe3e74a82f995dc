import type { OwnClient, RedisClient } from '@shelflife/redis'
import { translateClient } from '@shelflife/redis'
import slotOf from 'cluster-key-slot'

import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'
import { sendCommand } from './send-command.ts'
import { subscriberConnection } from './subscriber-connection.ts'

/** A client of ioredis, and what is known of it where this package made it. */
export interface IoredisClientInput<Client> {
  readonly client: Client
  readonly own?: OwnClient | undefined
}

/** Translates a `Redis`: standalone or through Sentinel. */
export function ioredisClient({ client, own }: IoredisClientInput<IoredisConnection>): RedisClient {
  return translateClient({
    label: 'ioredis',
    cluster: false,
    ordered: true,
    own,
    transmit: (command) => sendCommand(client, command),
    dial: (attempt) => subscriberConnection(client, attempt),
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

  return translateClient({
    label: 'ioredis',
    cluster: true,
    // commands go to several nodes, which do not wait for each other
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
    dial(attempt) {
      // a subscription that has to be made again may have lost its node, which nobody else may have noticed
      if (!attempt.isFirst) client.refreshSlotsCache()
      const node = attempt.sharded ? ownerOf(attempt.channel) : anyNode()
      return node && subscriberConnection(node, attempt)
    },
  })
}
