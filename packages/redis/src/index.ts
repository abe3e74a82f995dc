export type { RedisStoreOptions } from './options.ts'
export type { RedisClient, RedisCommand, RedisSubscribed, RedisSubscription } from './redis-client.ts'
export { redisStore } from './redis-store.ts'
