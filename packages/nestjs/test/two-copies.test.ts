import { Controller, Get, Injectable } from '@nestjs/common'
import type { Decisions } from '@shelflife/http'
import { expect, test, vi } from 'vitest'

import * as here from '../src/index.ts'
import { context, moduleWith } from './context.ts'
import { moduleOf, PLATFORMS, start } from './platforms.ts'

/** Another copy of the package, as where a library of one's own is CommonJS and the application is not. */
async function otherCopy(): Promise<typeof here> {
  vi.resetModules()
  const other = await import('../src/index.ts')
  expect(other.Cached).not.toBe(here.Cached)
  return other
}

test('a method that another copy has decorated is answered from the cache of the module', async () => {
  const { Cached, cachedMethod } = await otherCopy()
  let runs = 0
  @Injectable()
  class Products {
    @Cached()
    async find(id: number) {
      return `${id}: ${++runs}`
    }
  }
  const products = (await context(moduleWith([Products]))).get(Products)
  expect([await products.find(1), await products.find(1)]).toEqual(['1: 1', '1: 1'])
  await cachedMethod(products, 'find').invalidate(1)
  await here.cachedMethod(products, 'find')(1)
  expect(await products.find(1)).toBe('1: 2')
})

test.each(PLATFORMS)(
  '$name: a route of another copy is cached, and what its handler decides is heard',
  async ({ adapter }) => {
    const other = await otherCopy()
    let runs = 0
    @Controller()
    class Things {
      @Get('cached')
      @other.CacheResponse({ ttl: '1m' })
      cached() {
        return `run ${++runs}`
      }
      @Get('draft')
      @here.CacheResponse({ ttl: '1m' })
      draft(@other.CacheDecisions() decisions: Decisions) {
        decisions.noStore()
        return `run ${++runs}`
      }
    }
    @Controller('both')
    @here.CacheResponse({ ttl: '1m' })
    class Both {
      @Get()
      @other.CacheResponse({ ttl: '1m' })
      both() {
        return 'both'
      }
    }
    const { get } = await start(adapter, moduleOf([Things, Both]))
    const { headers } = await get('/both', { headers: { authorization: 'Bearer a' } })
    expect(headers.get('cache-status')).toBe('shelflife;fwd=bypass;detail=authorization')
    expect([(await get('/cached')).text, (await get('/cached')).text]).toEqual(['run 1', 'run 1'])
    expect([(await get('/draft')).text, (await get('/draft')).text]).toEqual(['run 2', 'run 3'])
  },
)
