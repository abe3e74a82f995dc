export type { Bus, BusListener, BusMessage } from './bus.ts'
export type { Cache, Key } from './cache.ts'
export { createCache } from './cache.ts'
export type { Cached, ReadResult } from './cached.ts'
export type { CachedFunction } from './cached-function.ts'
export type { Clock } from './clock.ts'
export { exactClock, systemClock } from './clock.ts'
export type { Codec, CodecFeature } from './codec.ts'
export type { Duration } from './duration.ts'
export { toMilliseconds } from './duration.ts'
export type { ShelflifeErrorCode } from './errors.ts'
export { ShelflifeError } from './errors.ts'
export type { CacheEvents, CountedEvent, EventType, Listener, RemoteOutcome, Source } from './events.ts'
export type { Outcome } from './flight.ts'
export type { Health, NodeHealth, StoreHealth } from './health.ts'
export type { Invalidation } from './invalidate.ts'
export type { Isolation } from './isolate.ts'
export { encodeArguments } from './key.ts'
export type { LifetimeOptions } from './lifetime.ts'
export type { GuardedLoad, LoadGuard } from './load-guard.ts'
export type { LoadContext } from './request.ts'
export type { Logger } from './logger.ts'
export type {
  CachedOptions,
  CacheOptions,
  EntryOptions,
  InvalidationOptions,
  LoadOptions,
  ValueOptions,
} from './options.ts'
export type { CacheStats, Counts, LoadTime } from './stats.ts'
export type {
  Advice,
  CommitRequest,
  CaptureRequest,
  Eviction,
  LocalEntry,
  LocalStore,
  Opened,
  OpenRequest,
  Protocol,
  RemoteRead,
  RemoteRecord,
  RemoteStore,
  StoreHistory,
  StoreNodes,
  Store,
  TagCapture,
} from './store.ts'
export type { DefaultTier, TierOptions } from './tiers.ts'
