import { Global, Inject, Injectable, Module } from '@nestjs/common'
import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

import type { CacheModuleOptions, CacheOptionsFactory } from '../src/index.ts'
import { Cached, CacheHealthIndicator, CacheModule, InjectCache } from '../src/index.ts'
import { context, moduleWith } from './context.ts'

@Injectable()
class Holder {
  constructor(@InjectCache() readonly cache: Cache) {}
}

const OPTIONS = Symbol('options')

@Global()
@Module({ providers: [{ provide: OPTIONS, useValue: 'injected' }], exports: [OPTIONS] })
class OptionsModule {}

@Injectable()
class Factory implements CacheOptionsFactory {
  constructor(@Inject(OPTIONS) private readonly namespace: string) {}
  createCacheOptions(): CacheModuleOptions {
    return { namespace: this.namespace, store: memoryStore() }
  }
}

@Module({ providers: [Factory], exports: [Factory] })
class FactoryModule {}

const ASYNC = {
  useFactory: CacheModule.forRootAsync({
    inject: [OPTIONS],
    useFactory: async (namespace: string) => ({ namespace, store: memoryStore() }),
  }),
  useClass: CacheModule.forRootAsync({ useClass: Factory }),
  useExisting: CacheModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }),
}

test.each(Object.entries(ASYNC))('options come from %s', async (_name, imported) => {
  @Module({ imports: [OptionsModule, imported], providers: [Holder] })
  class AsyncModule {}
  const { cache } = (await context(AsyncModule)).get(Holder)
  expect(cache.cached(async () => 1, { name: 'one' }).key()).toBe('injected/one()')
})

test('options that come from nowhere are an error', () => {
  expect(() => CacheModule.forRootAsync({})).toThrow('useFactory')
})

test('a module with forFeature sees its own part of the key space, its decorators too', async () => {
  let runs = 0
  @Injectable()
  class Users {
    constructor(@InjectCache() readonly cache: Cache) {}
    @Cached({ tags: ['all'] })
    async count() {
      return ++runs
    }
  }
  @Module({ imports: [CacheModule.forFeature({ namespace: 'users' })], providers: [Users] })
  class UsersModule {}
  const app = await context(moduleWith([Holder], [UsersModule]))
  const [users, { cache }] = [app.get(Users, { strict: false }), app.get(Holder)]
  expect(users.cache.cached(async () => 1, { name: 'one' }).key()).toBe('test/users/one()')
  expect([await users.count(), await users.count()]).toEqual([1, 1])
  await cache.invalidateTags(['all'])
  expect(await users.count()).toBe(1)
  await users.cache.invalidateTags(['all'])
  expect(await users.count()).toBe(2)
  await cache.clear()
  expect(await users.count()).toBe(3)
})

test('with isGlobal: false only modules that import it see the cache', async () => {
  @Module({ providers: [Holder] })
  class OtherModule {}
  @Module({ imports: [CacheModule.forRoot({ namespace: 'x', store: memoryStore(), isGlobal: false }), OtherModule] })
  class RootModule {}
  await expect(context(RootModule)).rejects.toThrow('Holder')
})

test('the cache that the module made is closed with the application, and one that it was given is not', async () => {
  const given = createCache({ namespace: 'given', store: memoryStore() })
  @Module({ imports: [CacheModule.forRoot({ cache: given })], providers: [Holder] })
  class GivenModule {}
  const [own, with_] = [await context(moduleWith([Holder])), await context(GivenModule)]
  const made = own.get(Holder).cache
  expect([made.health().ok, given.health().ok]).toEqual([true, true])
  await Promise.all([own.close(), with_.close()])
  expect([made.health().ok, given.health().ok]).toEqual([false, true])
  await given.close()
})

test('the health indicator says how the cache does, as Terminus has it', async () => {
  const app = await context(moduleWith([]))
  const indicator = app.get(CacheHealthIndicator, { strict: false })
  expect(indicator.isHealthy('shop')).toMatchObject({ shop: { status: 'up', ok: true, stores: [{ kind: 'local' }] } })
  await app.close()
  expect(indicator.isHealthy()).toMatchObject({ cache: { status: 'down' } })
})

test('one module makes several applications of one process, each with its own store', async () => {
  @Module({ imports: [CacheModule.forRoot({ namespace: 'test', store: () => memoryStore() })], providers: [Holder] })
  class AppModule {}
  const [one, two] = [(await context(AppModule)).get(Holder), (await context(AppModule)).get(Holder)]
  await one.cache.set('a', 1)
  expect([await one.cache.get('a'), await two.cache.get('a')]).toEqual([1, undefined])
})
