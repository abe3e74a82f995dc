export type { CacheOptions, CachesResponses, InvalidatesOptions } from './cache-responses.ts'
export { cacheResponses } from './cache-responses.ts'
export { cacheLifetime, cacheTags, noStore } from './decisions.ts'
