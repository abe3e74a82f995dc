import { isFollowing } from './is-following.ts'
import type { RedisCluster } from './start-cluster.ts'
import type { RedisServer } from './start-redis.ts'
import { until } from './until.ts'

const isMaster = async (node: RedisServer): Promise<boolean> => String(await node.command('ROLE')).startsWith('master')

export const takesOver = (replica: RedisServer): Promise<boolean> =>
  until('the replica has taken over', () => isMaster(replica))

/** Whether all nodes know one as a replica, and have lost sight of none. */
async function areAgreed({ nodes }: Pick<RedisCluster, 'nodes'>, { port }: RedisServer): Promise<boolean> {
  const views = await Promise.all(nodes.map(async (node) => String(await node.command('CLUSTER', 'NODES'))))
  const isReplica = new RegExp(`:${port}@\\S+ (myself,)?slave `)
  if (views.every((view) => isReplica.test(view) && !/fail|disconnected/.test(view))) return true
  throw new Error(`the nodes say\n${views.join('\n')}`)
}

/** A Cluster, and not what it is asked by. One of Redis 7.0 does not make up its mind now and then. */
class NoFailover extends Error {}

/**
 * An orderly failover. A replica refuses it while it has no link with its master, and masters do not vote for one that they do
 * not know as a replica: then nothing happens.
 */
export async function failOver(cluster: Pick<RedisCluster, 'nodes'>, replica: RedisServer): Promise<void> {
  try {
    await until('all nodes agree on the replica', () => areAgreed(cluster, replica))
    await until('the replica follows', () => isFollowing(replica))
    await replica.command('CLUSTER', 'FAILOVER')
    await takesOver(replica)
  } catch (cause) {
    throw new NoFailover('the Cluster has made no failover', { cause })
  }
}

/** Skips a test that has no stage, since the Cluster does not fail over. */
export const staged = (work: Promise<void> | undefined, skip: (note: string) => never): Promise<void> =>
  Promise.resolve(work).catch((error: unknown) => {
    if (error instanceof NoFailover) skip(`${error.message}: ${String((error.cause as Error).cause).slice(0, 4000)}`)
    throw error
  })
