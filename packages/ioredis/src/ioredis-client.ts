import type { OwnClient, RedisClient, RedisCommand } from '@shelflife/redis'
import { createFollowAsk, translateClient } from '@shelflife/redis'
import slotOf from 'cluster-key-slot'

import { watchNodes } from './cluster-nodes.ts'
import { countLosses } from './count-losses.ts'
import type { IoredisCluster, IoredisConnection } from './ioredis-connection.ts'
import { sendCommand } from './send-command.ts'
import { subscriberConnection } from './subscriber-connection.ts'

/** A client of ioredis, and what is known of it where this package made it. */
export interface IoredisClientInput<Client> {
  readonly client: Client
  readonly own?: OwnClient | undefined
  /** Milliseconds that a read may take. */
  readonly readBudget: number
}

/** Translates a `Redis`: standalone or through Sentinel. */
export function ioredisClient({ client, own }: Omit<IoredisClientInput<IoredisConnection>, 'readBudget'>): RedisClient {
  let losses = 0
  const release = countLosses(client, () => void losses++)
  return translateClient({
    label: 'ioredis',
    cluster: false,
    ordered: true,
    own,
    lossesOf: () => losses,
    transmit: (command) => sendCommand(client, command),
    dial: (attempt) => subscriberConnection(client, attempt),
    release,
  })
}

/** Nodes are connected when they are first used, and collect what they are sent until then. */
const USABLE = new Set(['wait', 'connecting', 'connect', 'ready'])

const CLOSED = 'Connection is closed.'

const isClosed = (error: unknown): boolean => error instanceof Error && error.message === CLOSED

/** A `Cluster` says the second when it has said the first to itself too often. */
const isRefused = (error: unknown): boolean =>
  isClosed(error) || (error instanceof Error && error.message.startsWith('Too many Cluster redirections'))

/** Of a name whose node is gone. */
const ATTEMPTS = 3

/** Translates a `Cluster`. */
export function ioredisClusterClient({ client, own, readBudget }: IoredisClientInput<IoredisCluster>): RedisClient {
  const nodes = watchNodes(client)
  const followAsk = createFollowAsk(readBudget)
  /** The first is the master. */
  const nodeOf = (name: string): string | undefined => client.slots[slotOf(name)]?.[0]

  function anyNode(): IoredisConnection | undefined {
    const masters = client.nodes('master')
    return masters[Math.floor(Math.random() * masters.length)]
  }

  /** The node of a name, if it takes commands or will soon. */
  function usableNode(name: string): IoredisConnection | undefined {
    const node = nodes.at(nodeOf(name))
    return node !== undefined && USABLE.has(node.status) ? node : undefined
  }

  /**
   * By the client, which makes connections and learns whose a slot is. One that queues nothing refuses while a connection
   * is being made, which the node itself does not.
   */
  async function sendByClient(command: RedisCommand, key: string): Promise<unknown> {
    try {
      return await sendCommand(client, command)
    } catch (error) {
      const node = isRefused(error) ? usableNode(key) : undefined
      if (node === undefined) throw error
      return sendCommand(node, command)
    }
  }

  /** What names no key would go to any node. */
  function sendAnywhere(command: RedisCommand, key: string): Promise<unknown> {
    return command.includes(key) ? sendByClient(command, key) : sendKeyless(command, key)
  }

  /** Something with the key makes the connection. The node may be gone before it is asked. */
  async function sendKeyless(command: RedisCommand, key: string, attempts = ATTEMPTS): Promise<unknown> {
    await sendByClient(['PTTL', key], key)
    try {
      const node = nodes.at(nodeOf(key))
      if (node === undefined) throw new Error(CLOSED)
      return await sendCommand(node, command)
    } catch (error) {
      if (attempts === 1 || !isClosed(error)) throw error
      return sendKeyless(command, key, attempts - 1)
    }
  }

  function ask(address: string | undefined, command: RedisCommand, key: string): Promise<unknown> {
    const node = nodes.at(address)
    if (node === undefined) return sendAnywhere(command, key)
    return Promise.all([sendCommand(node, ['ASKING']), sendCommand(node, command)]).then(([, reply]) => reply)
  }

  function redirect(error: unknown, command: RedisCommand, key: string): Promise<unknown> {
    if (!(error instanceof Error)) throw error
    const [code, , address] = error.message.split(' ')
    if (code === 'ASK') return followAsk(error, () => ask(address, command, key))
    // the client makes a connection again, if that is all
    if (code === 'MOVED' || isClosed(error)) return sendAnywhere(command, key)
    throw error
  }

  return translateClient({
    label: 'ioredis',
    cluster: true,
    // commands go to several nodes, which do not wait for each other
    ordered: false,
    own,
    nodes: nodes.masters,
    nodeOf,
    slotOf,
    lossesOf: (name) => nodes.lossesOf(nodeOf(name)),
    /*
     * Not by the client, which tries random nodes, a tenth of a second apart, where a slot is on its way (TRYAGAIN), and
     * sends commands without keys to any node.
     */
    transmit(command, key) {
      const node = usableNode(key)
      // the client knows what to do then: it waits, refuses, or asks another node
      if (node === undefined) return sendAnywhere(command, key)
      return sendCommand(node, command).catch((error: unknown) => redirect(error, command, key))
    },
    /*
     * One connection to one node. A Cluster made for subscriptions alone would keep one for each master and another
     * for the slots, loses classic subscriptions that failed once, and does not notice a node that hangs.
     */
    dial(attempt) {
      // a subscription that has to be made again may have lost its node, which nobody else may have noticed
      if (!attempt.isFirst) client.refreshSlotsCache()
      const node = attempt.sharded ? nodes.at(nodeOf(attempt.channel)) : anyNode()
      return node && subscriberConnection(node, attempt)
    },
    // without slotsRefreshInterval nothing else would find who has taken over
    silent: () => client.refreshSlotsCache(),
    release: nodes.release,
  })
}
