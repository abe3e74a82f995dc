import type { RedisServer } from './start-redis.ts'

/** Whether a replica has a link with its master, over which it is told of writes. */
export async function isFollowing(replica: RedisServer): Promise<boolean> {
  return String(await replica.command('INFO', 'replication')).includes('master_link_status:up')
}
