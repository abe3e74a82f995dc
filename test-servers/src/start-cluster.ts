import { freePort } from './free-port.ts'
import { isFollowing } from './is-following.ts'
import type { RedisServer, RedisServerOptions } from './start-redis.ts'
import { startRedis } from './start-redis.ts'
import { until } from './until.ts'

export interface RedisCluster {
  /** The masters as started, then their replicas in the same order. */
  readonly nodes: readonly RedisServer[]
  readonly urls: readonly string[]
  readonly rootNodes: readonly { readonly host: string; readonly port: number }[]
  /** The node that is the master of a key now. */
  masterOf(key: string): Promise<RedisServer>
  /** The node with its replicas, as it was started. */
  replicasOf(master: RedisServer): readonly RedisServer[]
  /** Another master, without slots, that all nodes know. */
  add(): Promise<RedisServer>
  /** Ends a node that has no slots any more, once the others have forgotten it. */
  remove(node: RedisServer): Promise<void>
  /** Waits until all nodes are back and every master has its replicas. */
  recovered(): Promise<void>
  stop(): Promise<void>
}

export interface RedisClusterOptions extends Pick<RedisServerOptions, 'hasOwnClock'> {
  /** How many replicas each of the three masters has. Default 0. */
  readonly replicas?: number
  /** Users beside the one without a name, who may do everything, such as `['app on >secret ~app:* +get']`. */
  readonly acl?: readonly string[]
  /** Milliseconds after which the others take a node that does not answer for failed. Default 1000. */
  readonly nodeTimeout?: number
}

const MASTERS = 3
const SLOTS = 16_384

type Slots = [from: number, to: number, ...nodes: [host: string, port: number, id: string][]][]

interface Node {
  readonly server: RedisServer
  readonly busPort: number
}

async function startNode({ acl, hasOwnClock = false, nodeTimeout = 1000 }: RedisClusterOptions): Promise<Node> {
  const busPort = await freePort()
  const server = await startRedis({
    ...(acl && { acl }),
    hasOwnClock,
    config: [
      'cluster-enabled yes',
      `cluster-port ${busPort}`,
      `cluster-node-timeout ${nodeTimeout}`,
      'cluster-require-full-coverage no',
      'repl-diskless-sync-delay 0',
      // a master stays one when its last slot has moved, and a replica with its own
      'cluster-allow-replica-migration no',
      // CLUSTER SLOTS leaves a replica out until the first ping reached it
      'repl-ping-replica-period 1',
    ],
  })
  return { server, busPort }
}

const slotsOf = async (server: RedisServer): Promise<Slots> => (await server.command('CLUSTER', 'SLOTS')) as Slots

/** Whether a node knows the masters of all slots, with their replicas, and calls the cluster usable. */
async function isComplete(server: RedisServer, replicas: number): Promise<boolean> {
  const info = String(await server.command('CLUSTER', 'INFO'))
  if (!info.includes('cluster_state:ok')) return false
  const slots = await slotsOf(server)
  const covered = slots.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  return covered === SLOTS && slots.every(([, , ...nodes]) => nodes.length === 1 + replicas)
}

/**
 * Starts a Redis Cluster of three masters. Ready when every node says that it is and knows all slots.
 *
 * @example
 * const cluster = await startCluster({ replicas: 1 })
 * afterAll(() => cluster.stop())
 */
export async function startCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { replicas = 0 } = options
  const started = await Promise.all(Array.from({ length: MASTERS * (1 + replicas) }, () => startNode(options)))
  const nodes = started.map(({ server }) => server)
  const masters = nodes.slice(0, MASTERS)
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())))

  async function join(): Promise<void> {
    for (const [index, master] of masters.entries()) {
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / MASTERS))
      await master.command('CLUSTER', 'ADDSLOTSRANGE', Number(from), Number(to) - 1)
      await master.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    }
    const [first, ...others] = started
    for (const { server, busPort } of others) {
      await first?.server.command('CLUSTER', 'MEET', server.host, server.port, busPort)
    }
    for (const [index, replica] of nodes.slice(MASTERS).entries()) {
      const id = String(await masters[index % MASTERS]?.command('CLUSTER', 'MYID'))
      await until(
        'a replica knows its master',
        async () => (await replica.command('CLUSTER', 'REPLICATE', id)) === 'OK',
      )
    }
    await recovered()
    for (const node of nodes.slice(MASTERS)) await until('a replica follows', () => isFollowing(node))
  }

  async function masterBy(node: RedisServer, key: string): Promise<RedisServer> {
    const slot = Number(await node.command('CLUSTER', 'KEYSLOT', key))
    const range = (await slotsOf(node)).find(([from, to]) => from <= slot && slot <= to)
    const master = nodes.find(({ port }) => port === range?.[2]?.[1])
    const role = (await master?.command('ROLE')) as string[] | undefined
    if (master === undefined || role?.[0] !== 'master') throw new Error('no master')
    return master
  }

  const isKnown = async (node: RedisServer): Promise<boolean> =>
    String(await node.command('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${nodes.length}`)

  async function add(): Promise<RedisServer> {
    const { server, busPort } = await startNode(options)
    nodes.push(server)
    await nodes[0]?.command('CLUSTER', 'MEET', server.host, server.port, busPort)
    for (const node of nodes) await until('a node knows the new one', () => isKnown(node))
    await recovered()
    return server
  }

  async function remove(node: RedisServer): Promise<void> {
    const id = String(await node.command('CLUSTER', 'MYID'))
    nodes.splice(nodes.indexOf(node), 1)
    for (const other of nodes) await other.command('CLUSTER', 'FORGET', id)
    await node.stop()
  }

  async function recovered(): Promise<void> {
    for (const node of nodes) await until('the cluster is complete', () => isComplete(node, replicas))
  }

  try {
    await join()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    nodes,
    urls: nodes.map(({ url }) => url),
    rootNodes: nodes.map(({ host, port }) => ({ host, port })),
    // of those that answer, the first whose word for it is confirmed
    masterOf: (key) => until('a master is known', () => Promise.any(nodes.map((node) => masterBy(node, key)))),
    replicasOf: (master) => {
      const index = nodes.indexOf(master)
      return nodes.slice(MASTERS).filter((_, replica) => replica % MASTERS === index)
    },
    add,
    remove,
    recovered,
    stop,
  }
}
