import { Controller, Get } from '@nestjs/common'
import { createCache } from '@shelflife/core'
import { responseCounts } from '@shelflife/http'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, onTestFinished, test } from 'vitest'

import { CacheResponse } from '../src/index.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

describe.each(PLATFORMS)('on $name', ({ adapter }) => {
  test('routes are counted under class and method, or under the name that they are given', async () => {
    @Controller('pages')
    @CacheResponse({ ttl: '1m' })
    class Pages {
      @Get()
      list() {
        return 'list'
      }
      @Get('named')
      @CacheResponse({ ttl: '1m', name: 'front page' })
      named() {
        return 'named'
      }
    }
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    onTestFinished(() => cache.close())
    const { get } = await start(adapter, moduleOf([Pages], { cache }))
    for (const path of ['/pages', '/pages/named']) await get(path, { headers: { authorization: 'Bearer a' } })
    const passed = responseCounts(cache).filter(({ outcome }) => outcome === 'passed')
    expect(passed.map(({ route, detail, count }) => [route, detail, count])).toEqual([
      ['Pages.list', 'authorization', 1],
      ['front page', 'authorization', 1],
    ])
  })
})
