export type { IoredisClusterTarget } from './connect.ts'
export type { IoredisCluster, IoredisCommander, IoredisConnection } from './ioredis-connection.ts'
export type { IoredisTarget } from './ioredis-store.ts'
export { ioredisStore } from './ioredis-store.ts'
