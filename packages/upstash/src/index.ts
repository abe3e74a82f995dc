export type { UpstashStoreOptions, UpstashTarget } from './upstash-store.ts'
export { upstashStore } from './upstash-store.ts'
