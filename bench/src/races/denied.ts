import type { RedisServer } from '@shelflife/test-servers'

/** From now on Redis answers every command that names a key with an error, at once. Resolves with the way back. */
export async function denied(redis: RedisServer): Promise<() => Promise<unknown>> {
  await redis.command('ACL', 'SETUSER', 'default', 'resetkeys')
  return () => redis.command('ACL', 'SETUSER', 'default', 'allkeys')
}
