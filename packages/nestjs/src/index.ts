export type { CacheAdminOptions } from './cache-admin-module.ts'
export { CacheAdminModule } from './cache-admin-module.ts'
export type { CacheHealthResult } from './cache-health.ts'
export { CacheHealthIndicator } from './cache-health.ts'
export { CacheInterceptor } from './cache-interceptor.ts'
export type { CacheInvalidateOptions } from './cache-invalidate.ts'
export { CacheInvalidate } from './cache-invalidate.ts'
export type { CacheKeyFactory, CacheTTLFactory } from './cache-key.ts'
export { CacheKey, CacheTTL } from './cache-key.ts'
export type {
  CacheManager,
  CacheManagerEvent,
  CacheManagerOptions,
  ManagedValue,
  WrapOptions,
} from './cache-manager.ts'
export { CACHE_MANAGER } from './cache-manager.ts'
export { CacheModule } from './cache-module.ts'
export type { CacheResponseOptions, RouteRequest } from './cache-response.ts'
export { CacheResponse } from './cache-response.ts'
export { Cached, cachedMethod } from './cached.ts'
export type { CachedMethodOptions } from './cached-spec.ts'
export { CacheDecisions } from './decisions.ts'
export type { Decisions } from '@shelflife/http'
export { InjectCache } from './inject-cache.ts'
export type {
  CacheFeatureOptions,
  CacheModuleAsyncOptions,
  CacheModuleOptions,
  CacheModuleVisibility,
  CacheOptionsFactory,
  OwnCacheOptions,
} from './module-options.ts'
export { NoCache } from './no-cache.ts'
