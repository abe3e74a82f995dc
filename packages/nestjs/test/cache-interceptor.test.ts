import type { DynamicModule, ExecutionContext } from '@nestjs/common'
import { Controller, Get, Inject, Injectable, Module, Param, Post, Req, UseInterceptors } from '@nestjs/common'
import * as original from '@nestjs/cache-manager'
import { memoryStore } from '@shelflife/memory'
import type { Type } from '@nestjs/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'

import type { CacheManager } from '../src/index.ts'
import * as ours from '../src/index.ts'
import { CACHE_MANAGER, CacheInterceptor, CacheKey, CacheTTL, NoCache } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

type Library = Pick<typeof ours, 'CacheInterceptor' | 'CacheKey' | 'CacheTTL' | 'CACHE_MANAGER'> & {
  readonly module: () => DynamicModule
}

/** Both have to do the same: what is asked of ours is what theirs does. */
const LIBRARIES: readonly (readonly [string, Library])[] = [
  ['@nestjs/cache-manager', { ...original, module: () => original.CacheModule.register() } as unknown as Library],
  [
    '@shelflife/nestjs',
    { ...ours, module: () => ours.CacheModule.forRoot({ namespace: 'test', store: memoryStore() }) },
  ],
]

@Injectable()
class LanguageInterceptor extends CacheInterceptor {
  protected override trackBy(context: ExecutionContext): string | undefined {
    const { url, query } = context.switchToHttp().getRequest<{ url: string; query: { skip?: string } }>()
    return query.skip === undefined ? `tracked ${url.split('?')[0]}` : undefined
  }
}

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('GET is answered by URL for as long as @CacheTTL says, other methods are not', async () => {
    let runs = 0
    @Controller()
    @UseInterceptors(CacheInterceptor)
    @CacheTTL(60_000)
    class Things {
      @Get('things/:id')
      find(@Param('id') id: string) {
        return `${id} ${++runs}`
      }
      @Get('short')
      @CacheTTL(500)
      short() {
        return `${++runs}`
      }
      @Get('worked-out')
      @CacheTTL(() => 500)
      workedOut() {
        return `${++runs}`
      }
      @Post('things/:id')
      write() {
        return `${++runs}`
      }
      @Get('uncached')
      @NoCache()
      uncached() {
        return `${++runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Things]))
    const text = async (path: string, method = 'GET') => (await get(path, { method })).text
    expect([await text('/things/1'), await text('/things/1'), await text('/things/2')]).toEqual(['1 1', '1 1', '2 2'])
    expect([await text('/things/1', 'POST'), await text('/things/1', 'POST')]).toEqual(['3', '4'])
    expect([await text('/short'), await text('/short'), await text('/worked-out')]).toEqual(['5', '5', '6'])
    await sleep(600)
    expect([await text('/short'), await text('/worked-out')]).toEqual(['7', '8'])
    expect([await text('/uncached'), await text('/uncached')]).toEqual(['9', '10'])
  })

  test('del and clear of CACHE_MANAGER reach what is kept by URL and by @CacheKey', async () => {
    let runs = 0
    @Controller()
    @UseInterceptors(CacheInterceptor)
    class Things {
      constructor(@Inject(CACHE_MANAGER) readonly manager: CacheManager) {}
      @Get('keyed')
      @CacheKey('my-key')
      keyed() {
        return `${++runs}`
      }
      @Get('plain')
      plain() {
        return `${++runs}`
      }
    }
    const { app, get } = await start(adapter, moduleOf([Things]))
    const { manager } = app.get(Things)
    const text = async (path: string) => (await get(path)).text
    expect([await text('/keyed'), await text('/keyed?x=1')]).toEqual(['1', '1'])
    expect([await text('/plain'), await text('/plain')]).toEqual(['2', '2'])
    await manager.del('my-key')
    expect([await text('/keyed'), await text('/plain')]).toEqual(['3', '2'])
    await manager.del('/plain')
    expect([await text('/keyed'), await text('/plain')]).toEqual(['3', '4'])
    await manager.clear()
    expect([await text('/keyed'), await text('/plain')]).toEqual(['5', '6'])
  })

  test('a class that extends it can track by something else', async () => {
    let runs = 0
    @Controller()
    @UseInterceptors(LanguageInterceptor)
    class Things {
      @Get('thing')
      thing() {
        return `${++runs}`
      }
    }
    const { get } = await start(adapter, moduleOf([Things]))
    const text = async (path: string) => (await get(path)).text
    expect([await text('/thing?a'), await text('/thing?b')]).toEqual(['1', '1'])
    expect([await text('/thing?skip=1'), await text('/thing?skip=1')]).toEqual(['2', '3'])
  })

  test("what is one user's reaches no other, which it does there", async () => {
    @Controller()
    @UseInterceptors(CacheInterceptor)
    class Mine {
      @Get('mine')
      mine(@Req() { headers }: { headers: Record<string, string> }) {
        return `of ${headers['authorization']}`
      }
    }
    const { get } = await start(adapter, moduleOf([Mine]))
    for (const authorization of ['alice', 'bob', 'alice']) {
      expect((await get('/mine', { headers: { authorization } })).text).toBe(`of ${authorization}`)
    }
  })
})

describe.each(LIBRARIES)('%s', (_name, { CacheInterceptor: Interceptor, CacheKey: Key, CacheTTL: Ttl, ...library }) => {
  function appOf(controller: Type): Type {
    @Module({ imports: [library.module()], controllers: [controller] })
    class TestModule {}
    return TestModule
  }

  test('GET is kept by URL, by @CacheKey, for the @CacheTTL of the handler or of the class', async () => {
    let runs = 0
    @Controller()
    @UseInterceptors(Interceptor)
    @Ttl(60_000)
    class Things {
      @Get('things/:id')
      find(@Param('id') id: string) {
        return { id, run: ++runs }
      }
      @Get('keyed')
      @Key('my-key')
      keyed() {
        return { run: ++runs }
      }
      @Get('short')
      @Ttl(500)
      short() {
        return { run: ++runs }
      }
      @Get('worked-out')
      @Key((context) => `worked-${context.switchToHttp().getRequest<{ query: { by?: string } }>().query.by}`)
      @Ttl(async () => 500)
      workedOut() {
        return { run: ++runs }
      }
      @Post('things/:id')
      write() {
        return { run: ++runs }
      }
    }
    const { app, get } = await start(PLATFORMS[0].adapter, appOf(Things))
    const run = async (path: string, method = 'GET') =>
      (JSON.parse((await get(path, { method })).text) as { run: number }).run
    expect([await run('/things/1'), await run('/things/1'), await run('/things/1?x')]).toEqual([1, 1, 2])
    expect([await run('/things/1', 'POST'), await run('/things/1', 'POST')]).toEqual([3, 4])
    expect([await run('/keyed'), await run('/keyed?x')]).toEqual([5, 5])
    expect([await run('/worked-out?by=a'), await run('/worked-out?by=a&x')]).toEqual([6, 6])
    expect(await run('/short')).toBe(7)
    await sleep(600)
    expect([await run('/short'), await run('/worked-out?by=a')]).toEqual([8, 9])
    const manager = app.get<CacheManager>(library.CACHE_MANAGER)
    await manager.del('my-key')
    await manager.del('/things/1?x')
    expect([await run('/keyed'), await run('/things/1?x')]).toEqual([10, 11])
    await manager.clear()
    expect(await run('/keyed')).toBe(12)
  })
})
