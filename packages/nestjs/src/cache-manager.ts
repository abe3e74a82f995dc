import type { Duration } from '@shelflife/core'

/** The token of `@nestjs/cache-manager`. */
export const CACHE_MANAGER = 'CACHE_MANAGER'

/** Options of what `CACHE_MANAGER` injects. */
export interface CacheManagerOptions {
  /** How long values are kept for which nothing else is stated. Default: until they are deleted. */
  readonly ttl?: Duration
}

/** A lifetime in milliseconds, or what works it out of the value. */
export type TtlOf<T> = number | ((value: T) => number)

/** Options of `wrap`, in milliseconds. */
export interface WrapOptions<T> {
  readonly ttl?: TtlOf<T>
  /** A value that is fresh for less is loaded anew in the background. */
  readonly refreshThreshold?: TtlOf<T>
}

/** One value of `mset`. */
export interface ManagedValue<T> {
  readonly key: string
  readonly value: T
  /** Milliseconds. */
  readonly ttl?: number
}

/** What happens to values: named as in cache-manager. `clear` has no data. */
export type CacheManagerEvent = 'get' | 'mget' | 'set' | 'mset' | 'del' | 'mdel' | 'clear' | 'ttl' | 'refresh'

/** The methods of cache-manager 7, for applications that come from there. */
export interface CacheManager {
  get<T>(key: string): Promise<T | undefined>
  mget<T>(keys: readonly string[]): Promise<(T | undefined)[]>
  /** When a value ends, in milliseconds since 1970; `undefined` for what is not there or has no end. */
  ttl(key: string): Promise<number | undefined>
  /** @param ttl milliseconds; 0: until it is deleted */
  set<T>(key: string, value: T, ttl?: number): Promise<T>
  mset<T>(list: readonly ManagedValue<T>[]): Promise<readonly ManagedValue<T>[]>
  del(key: string): Promise<boolean>
  mdel(keys: readonly string[]): Promise<boolean>
  /** All that was set here and all that `CacheInterceptor` stored, and nothing else. */
  clear(): Promise<boolean>
  wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    ttl?: TtlOf<T> | WrapOptions<T>,
    refreshThreshold?: TtlOf<T>,
  ): Promise<T>
  on(event: CacheManagerEvent, listener: (data: unknown) => void): unknown
  off(event: CacheManagerEvent, listener: (data: unknown) => void): unknown
  /** Does nothing: the module closes the cache with the application. */
  disconnect(): Promise<undefined>
}
