export type { LoadLimit } from './limit-loads.ts'
export { limitLoads } from './limit-loads.ts'
export type { LoadRetries } from './retry-loads.ts'
export { retryLoads } from './retry-loads.ts'
