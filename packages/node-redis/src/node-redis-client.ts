import { systemClock } from '@shelflife/core'
import type { RedisClient, RedisCommand } from '@shelflife/redis'
import { createFollowAsk, translateClient } from '@shelflife/redis'
import slotOf from 'cluster-key-slot'
import { RESP_TYPES } from 'redis'

import { countClusterLosses, countLosses } from './count-losses.ts'
import type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
import type { OwnNodeRedis } from './own-client.ts'
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

type Word = string | Buffer

const toWord = (argument: string | Uint8Array): Word =>
  typeof argument === 'string' || Buffer.isBuffer(argument)
    ? argument
    : Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)

/** Translates a client of one server; `own` is what is known of one that this package made. */
export function nodeRedisClient(client: NodeRedisConnection, own?: OwnNodeRedis): RedisClient {
  // one of our own begins to connect, but has not done so yet
  const losses = countLosses(client, own === undefined && client.isOpen ? 1 : 0)

  return translateClient({
    label: 'node-redis',
    cluster: false,
    ordered: true,
    own,
    lossesOf: () => losses.of(),
    async transmit(command) {
      try {
        return await client.sendCommand(command.map(toWord), COMMAND_OPTIONS)
      } catch (error) {
        own?.refused(client, error)
        throw error
      }
    },
    dial: (attempt) => subscriberConnection(client, attempt),
    silent: own && ((_, ms) => own.unanswered(client, ms)),
    release: losses.release,
  })
}

/** What a connection says that has been closed. */
const OFFLINE = ['The client is offline', 'The client is closed', 'Disconnects client']
/** Milliseconds. */
const AGAIN_AFTER = 20

/** Translates a cluster, of which a read may take so many milliseconds. */
export function nodeRedisClusterClient(client: NodeRedisCluster, readBudget: number, own?: OwnNodeRedis): RedisClient {
  const losses = countClusterLosses(client)
  const followAsk = createFollowAsk(readBudget)

  /** A cluster only looks where slots are when it is told MOVED, or some seconds after it has lost a connection. */
  async function rediscover(silent: string | undefined): Promise<void> {
    const others = client.masters.filter(({ address }) => address !== silent)
    const ready = others.filter(({ client: node }) => node?.isReady)
    const candidates = ready.length > 0 ? ready : others
    const candidate = candidates[Math.floor(Math.random() * candidates.length)]
    if (candidate === undefined) return
    const other = await client.nodeClient(candidate as never)
    // all commands that are told MOVED wait for a node that is asked and hangs
    await other.sendCommand(['PING'], COMMAND_OPTIONS)
    await client._slots.rediscover(other as never)
  }

  /** Follows MOVED and ASK, but not to a node that takes its very first slot (node-redis 6.3). */
  async function sendAnywhere(words: Word[], key: string): Promise<unknown> {
    // false: a replica may still have what was invalidated
    const send = (): Promise<unknown> => client.sendCommand(key, false, words, COMMAND_OPTIONS)
    try {
      return await send()
    } catch (error) {
      // while a node leaves, its slots may still lead to it for a moment
      if (!(error instanceof Error) || !OFFLINE.includes(error.message)) throw error
      await new Promise<void>((resolve) => void systemClock.after(AGAIN_AFTER, resolve, { keepsAlive: true }))
      return send()
    }
  }

  /** The cluster would ask the node of the slot once more. */
  async function ask(address: string | undefined, words: Word[], key: string): Promise<unknown> {
    const node = client.masters.find((master) => master.address === address)?.client
    if (!node?.isReady) return sendAnywhere(words, key)
    const [, reply] = await Promise.all([
      node.sendCommand(['ASKING'], COMMAND_OPTIONS),
      node.sendCommand(words, COMMAND_OPTIONS),
    ])
    return reply
  }

  /** A cluster spends more on a command than a node does, so it only gets what a node does not have. */
  async function transmit(command: RedisCommand, key: string): Promise<unknown> {
    const words = command.map(toWord)
    const node = client.slots[slotOf(key)]?.master.client
    try {
      if (node?.isReady) return await node.sendCommand(words, COMMAND_OPTIONS)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (error.message.startsWith('ASK ')) return followAsk(error, () => ask(error.message.split(' ')[2], words, key))
      // one that has left the Cluster takes with it what it was asked
      const hasLeft = client.slots[slotOf(key)]?.master.client !== node
      if (!error.message.startsWith('MOVED ') && !hasLeft) throw error
    }
    if (command.includes(key)) return sendAnywhere(words, key)
    // a command without keys, such as INFO, would go to any node, or to all
    const owner = await client.getNodeClientForKey(key)
    return owner.sendCommand(words, COMMAND_OPTIONS)
  }

  const nodeOf = (name: string): string | undefined => client.slots[slotOf(name)]?.master.address

  return translateClient({
    label: 'node-redis',
    cluster: true,
    // commands go to several nodes, which do not wait for each other
    ordered: false,
    own,
    nodes: () => client.masters.map(({ address }) => address),
    nodeOf,
    slotOf,
    lossesOf: (name) => losses.of(nodeOf(name)),
    transmit,
    async dial(attempt) {
      return subscriberConnection(await client.getNodeClientForKey(attempt.channel), attempt)
    },
    silent(name, ms) {
      rediscover(nodeOf(name)).catch(() => {})
      const node = client.slots[slotOf(name)]?.master.client
      if (node !== undefined) own?.unanswered(node, ms)
    },
    release: losses.release,
  })
}
