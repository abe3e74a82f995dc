import type { Cache, CacheOptions } from '@shelflife/core'
import type { ResponseCacheOptions } from '@shelflife/http'
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common'

import type { CacheManagerOptions } from './cache-manager.ts'

interface CommonOptions {
  /** Of the responses that `@CacheResponse()` stores. Default: those of `createResponseCache`. */
  readonly responses?: Omit<ResponseCacheOptions<string>, 'cache'>
  /** Of what `CACHE_MANAGER` injects, and of `CacheInterceptor`. */
  readonly manager?: CacheManagerOptions
}

type Stores = CacheOptions<string>['store']

/** Options of `createCache`. */
export interface OwnCacheOptions extends Omit<CacheOptions<string>, 'store'> {
  /**
   * One store, or a local one in front of a remote one. A function is called once for each application: several of one
   * process, as in tests, cannot have one store.
   */
  readonly store: Stores | (() => Stores)
}

/** An existing cache, which is not closed, or what is needed to make one, which is closed with the application. */
export type CacheModuleOptions =
  | (CommonOptions & { readonly cache: Cache<string> })
  | (CommonOptions & OwnCacheOptions & { readonly cache?: undefined })

/** Whether all modules see the cache. Default true; `false`: those that import the module. */
export interface CacheModuleVisibility {
  readonly isGlobal?: boolean
}

/** What `useClass` and `useExisting` of `forRootAsync` name. */
export interface CacheOptionsFactory {
  createCacheOptions(): CacheModuleOptions | Promise<CacheModuleOptions>
}

/** Options of `forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface CacheModuleAsyncOptions extends CacheModuleVisibility, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options, of what `inject` names. */
  // the parameters are whatever is injected
  readonly useFactory?: (...injected: never[]) => CacheModuleOptions | Promise<CacheModuleOptions>
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[]
  /** A class of its own for this. */
  readonly useClass?: Type<CacheOptionsFactory>
  /** A provider that is there already. */
  readonly useExisting?: InjectionToken<CacheOptionsFactory>
}

/** Options of `forFeature`. */
export interface CacheFeatureOptions {
  /** The part of the key space that the module sees: `users` of `shop` is `shop/users`. */
  readonly namespace: string
}
