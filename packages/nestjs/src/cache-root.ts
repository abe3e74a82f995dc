import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common'
import { Inject, Injectable } from '@nestjs/common'
import { ModulesContainer } from '@nestjs/core'

import type { Caching } from './caching.ts'
import { createCaching } from './caching.ts'
import type { CacheModuleOptions } from './module-options.ts'
import { prepareDecorated } from './prepare-decorated.ts'
import { ROOT_OPTIONS } from './tokens.ts'

function cacheOf(options: CacheModuleOptions): Cache<string> {
  if (options.cache !== undefined) return options.cache
  const { responses: _responses, manager: _manager, cache: _cache, store, ...rest } = options
  return createCache<string>({ ...rest, store: typeof store === 'function' ? store() : store })
}

/** The cache of an application. */
@Injectable()
export class CacheRoot implements OnModuleInit, OnApplicationShutdown {
  readonly caching: Caching
  readonly options: CacheModuleOptions
  readonly #modules: ModulesContainer

  constructor(@Inject(ROOT_OPTIONS) options: CacheModuleOptions, @Inject(ModulesContainer) modules: ModulesContainer) {
    this.options = options
    this.#modules = modules
    this.caching = createCaching(cacheOf(options), options.responses)
  }

  onModuleInit(): void {
    prepareDecorated(this.#modules, this.caching)
  }

  /** Closes what was made here, and not what was given. */
  async onApplicationShutdown(): Promise<void> {
    if (this.options.cache === undefined) await this.caching.cache.close()
  }
}
