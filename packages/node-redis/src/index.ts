export type { NodeRedisCluster, NodeRedisConnection } from './node-redis-connection.ts'
export type { NodeRedisTarget } from './node-redis-store.ts'
export { nodeRedisStore } from './node-redis-store.ts'
