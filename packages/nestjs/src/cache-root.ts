import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { checkNames, namespaceOf, refuseOption } from '@shelflife/core/integration'
import type { ApplicationConfig } from '@nestjs/core'
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common'
import { Inject, Injectable } from '@nestjs/common'
import { ModuleRef, ModulesContainer } from '@nestjs/core'

import type { Caching } from './caching.ts'
import { createCaching } from './caching.ts'
import type { CacheModuleOptions } from './module-options.ts'
import { forgetOuterReads, watchOuterReads } from './outer-reads.ts'
import { prepareDecorated } from './prepare-decorated.ts'
import type { Application } from './route-facts.ts'
import { routeFacts } from './route-facts.ts'
import { ROOT_OPTIONS } from './tokens.ts'

const WITH_A_CACHE = new Set(['cache', 'responses', 'manager'])

function cacheOf(options: CacheModuleOptions): Cache<string> {
  if (typeof options !== 'object' || options === null) {
    refuseOption('what forRootAsync() is given', 'an object', options)
  }
  if (options.cache !== undefined) {
    checkNames('options of forRoot() with a cache', options, WITH_A_CACHE)
    namespaceOf(options.cache)
    return options.cache
  }
  const { responses: _responses, manager: _manager, cache: _cache, store, ...rest } = options
  return createCache<string>({ ...rest, store: typeof store === 'function' ? store() : store })
}

/** Nest has no other way to what an application is set up with. */
const configOf = (module: ModuleRef): ApplicationConfig =>
  (module as unknown as { readonly container: { readonly applicationConfig: ApplicationConfig } }).container
    .applicationConfig

/** The cache of an application. */
@Injectable()
export class CacheRoot implements OnModuleInit, OnApplicationShutdown {
  readonly caching: Caching
  readonly options: CacheModuleOptions
  readonly #application: Application

  constructor(
    @Inject(ROOT_OPTIONS) options: CacheModuleOptions,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ModuleRef) module: ModuleRef,
  ) {
    this.options = options
    this.#application = { modules, config: configOf(module) }
    const facts = routeFacts(this.#application)
    this.caching = createCaching({ cache: cacheOf(options), facts, options: options.responses })
    // routes are made before anything is initialized
    watchOuterReads(this.#application)
  }

  onModuleInit(): void {
    prepareDecorated(this.#application.modules, this.caching)
  }

  /** Closes what was made here, and not what was given. */
  async onApplicationShutdown(): Promise<void> {
    forgetOuterReads(this.#application)
    if (this.options.cache === undefined) await this.caching.cache.close()
  }
}
