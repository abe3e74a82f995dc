import { Controller, Get, Param, Put } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { describe, expect, test } from 'vitest'

import { CacheInvalidate, CacheResponse } from '../src/index.ts'
import { moduleOf, start } from './platforms.ts'

const fastify = () =>
  new FastifyAdapter({
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      useSemicolonDelimiter: true,
    } as object,
  })

/** What the routers take for one route with one parameter. */
const OF_BOTH = ['/api/items/ab', '/API/Items/ab', '/api/items/ab/', '/api/items/a%62']
const PLATFORMS = [
  { name: 'Express', adapter: () => new ExpressAdapter(), spellings: OF_BOTH },
  {
    name: 'Fastify',
    adapter: fastify as unknown as () => ExpressAdapter,
    spellings: [...OF_BOTH, '/%61pi//items/ab', '/api/items/ab;v=1'],
  },
]

describe.each(PLATFORMS)('on $name', ({ adapter, spellings }) => {
  test('a write voids its URI in every spelling that the router takes for it', async () => {
    @Controller('items')
    class Items {
      @Get(':id')
      @CacheResponse({ ttl: '1m' })
      read(@Param('id') id: string) {
        return id
      }
      @Put(':id')
      @CacheInvalidate({ tags: [] })
      async write() {}
    }
    const { get } = await start(adapter as never, moduleOf([Items]), {
      configure: (app) => void app.setGlobalPrefix('api'),
    })
    for (const stored of spellings) {
      for (const written of spellings) {
        expect((await get(stored)).text).toBe('ab')
        await expect.poll(async () => (await get(stored)).cache).toBe('hit')
        expect((await get(written, { method: 'PUT' })).status).toBe(200)
        expect((await get(stored)).cache, `${written} voids ${stored}`).not.toBe('hit')
      }
    }
  })
})
