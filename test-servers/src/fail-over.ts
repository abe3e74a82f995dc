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

/** @throws Error where a Cluster does not, as one of Redis 7.0 now and then after a master was away for long */
export const agreeOn = (cluster: Pick<RedisCluster, 'nodes'>, replica: RedisServer): Promise<boolean> =>
  until('all nodes agree on the replica', () => areAgreed(cluster, replica))

/**
 * An orderly failover. A replica refuses it while it has no link with its master, and masters do not vote for one that they do
 * not know as a replica: then nothing happens.
 */
export async function failOver(cluster: Pick<RedisCluster, 'nodes'>, replica: RedisServer): Promise<void> {
  await agreeOn(cluster, replica)
  await until('the replica follows', () => isFollowing(replica))
  await replica.command('CLUSTER', 'FAILOVER')
  await takesOver(replica)
}
