import type { DynamicModule, Provider } from '@nestjs/common'
import { Module } from '@nestjs/common'
import { ShelflifeError } from '@shelflife/core'
import { checkNames, optionNames, refuseOption } from '@shelflife/core/integration'

import { CacheHealthIndicator } from './cache-health.ts'
import { CACHE_MANAGER } from './cache-manager.ts'
import { createCacheManager } from './create-cache-manager.ts'
import { CacheRoot } from './cache-root.ts'
import type { Caching } from './caching.ts'
import { createCaching } from './caching.ts'
import type {
  CacheFeatureOptions,
  CacheModuleAsyncOptions,
  CacheModuleOptions,
  CacheModuleVisibility,
  CacheOptionsFactory,
} from './module-options.ts'
import { CACHE, CACHING, ROOT, ROOT_OPTIONS } from './tokens.ts'

/** Holds what there is one of, wherever the module is visible: `forFeature` needs it too. */
@Module({})
class CacheRootModule {}

/** What a module sees, all of it made of one caching. */
function providersOf(cachingOf: (root: CacheRoot) => Caching): Provider[] {
  return [
    { provide: CACHING, useFactory: cachingOf, inject: [ROOT] },
    { provide: CACHE, useFactory: ({ cache }: Caching) => cache, inject: [CACHING] },
    {
      provide: CACHE_MANAGER,
      useFactory: ({ cache }: Caching, { options }: CacheRoot) => createCacheManager(cache, options.manager),
      inject: [CACHING, ROOT],
    },
    CacheHealthIndicator,
  ]
}

const VISIBLE = [CACHING, CACHE, CACHE_MANAGER, CacheHealthIndicator]

const ASYNC_OPTIONS = optionNames<CacheModuleAsyncOptions>({
  isGlobal: true,
  imports: true,
  useFactory: true,
  inject: true,
  useClass: true,
  useExisting: true,
})
const FEATURE_OPTIONS = optionNames<CacheFeatureOptions>({ namespace: true })

function checkAsync(options: CacheModuleAsyncOptions): void {
  checkNames('options of forRootAsync()', options, ASYNC_OPTIONS)
  const { useFactory, useClass, useExisting, isGlobal = true } = options
  if (typeof isGlobal !== 'boolean') refuseOption('isGlobal', 'true or false', isGlobal)
  if ([useFactory, useClass, useExisting].filter((source) => source !== undefined).length !== 1) {
    throw new ShelflifeError('invalid-option', 'forRootAsync must have one of useFactory, useClass and useExisting')
  }
  for (const [name, made] of Object.entries({ useFactory, useClass })) {
    if (made !== undefined && typeof made !== 'function') refuseOption(name, 'a function', made)
  }
}

function optionsProviders({ useFactory, inject = [], useClass, useExisting }: CacheModuleAsyncOptions): Provider[] {
  if (useFactory !== undefined) return [{ provide: ROOT_OPTIONS, useFactory: useFactory as never, inject }]
  const factory = (made: CacheOptionsFactory) => made.createCacheOptions()
  if (useExisting !== undefined) return [{ provide: ROOT_OPTIONS, useFactory: factory, inject: [useExisting] }]
  return useClass === undefined ? [] : [useClass, { provide: ROOT_OPTIONS, useFactory: factory, inject: [useClass] }]
}

/** Caching for NestJS. */
@Module({})
export class CacheModule {
  /**
   * The cache of an application, once in its root module: an existing one, or the options of `createCache`, and then it is
   * closed with the application.
   *
   * @throws ShelflifeError `invalid-option`, `invalid-duration` when the application starts
   * @example CacheModule.forRoot({ namespace: 'shop', store: () => memoryStore() })
   */
  static forRoot(all: CacheModuleOptions & CacheModuleVisibility): DynamicModule {
    if (typeof all !== 'object' || all === null) refuseOption('options of forRoot()', 'an object', all)
    const { isGlobal, ...options } = all
    return CacheModule.forRootAsync({
      useFactory: () => options as CacheModuleOptions,
      ...(isGlobal !== undefined && { isGlobal }),
    })
  }

  /**
   * The same with options that are injected.
   *
   * @throws ShelflifeError `invalid-option`, also with none or several of `useFactory`, `useClass` and `useExisting`
   * @example
   * CacheModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ namespace: 'shop', store: ioredisStore(config.getOrThrow('REDIS_URL')) }),
   * })
   */
  static forRootAsync(options: CacheModuleAsyncOptions): DynamicModule {
    checkAsync(options)
    const root: DynamicModule = {
      module: CacheRootModule,
      global: true,
      imports: options.imports ?? [],
      providers: [...optionsProviders(options), { provide: ROOT, useExisting: CacheRoot }, CacheRoot],
      exports: [ROOT],
    }
    return {
      module: CacheModule,
      global: options.isGlobal ?? true,
      imports: [root],
      providers: providersOf(({ caching }) => caching),
      exports: VISIBLE,
    }
  }

  /**
   * A part of the key space for the module that imports this: what `InjectCache()` injects there, and what its decorators
   * use. Tags, too, are its own; `clear()` of the whole cache reaches it.
   *
   * @throws ShelflifeError `invalid-option`
   * @example CacheModule.forFeature({ namespace: 'users' })
   */
  static forFeature(options: CacheFeatureOptions): DynamicModule {
    checkNames('options of forFeature()', options, FEATURE_OPTIONS)
    const { namespace } = options
    const below = ({ caching: { cache, facts }, options: { responses } }: CacheRoot): Caching =>
      createCaching({ cache: cache.namespace(namespace), facts, options: responses })
    return { module: CacheModule, providers: providersOf(below), exports: VISIBLE }
  }
}
