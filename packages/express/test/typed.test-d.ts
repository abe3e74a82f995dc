import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { Request } from 'express'
import express, { Router } from 'express'
import { expectTypeOf, test } from 'vitest'

import { cacheResponses, cacheTags } from '../src/index.ts'

const { cache, invalidates } = cacheResponses({ cache: createCache({ namespace: 'types', store: memoryStore() }) })
const app = express()

test('handlers behind the middlewares have the types that they have without', () => {
  app.get(
    '/products/:id',
    cache({ tier: 'dynamic', tags: (req) => [`product:${String(req.params['id'])}`] }),
    (req, res) => {
      expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
      cacheTags(res, req.params.id)
      res.json({})
    },
  )
  app.post(
    '/products/:id',
    invalidates({ tags: (req, res) => [String(req.params['id']), String(res.statusCode)] }),
    (req) => {
      expectTypeOf(req.params.id).toEqualTypeOf<string>()
    },
  )
  app.use(cache())
  Router().get('/', [cache(), invalidates()], () => {})
})

test('the parameters of a route can be stated', () => {
  cache({ tags: (req: Request<{ id: string }>) => [req.params.id] })
  app.get('/products/:id', cache<{ id: string }>({ tags: (req) => [req.params.id] }), (req) => {
    expectTypeOf(req.params.id).toEqualTypeOf<string>()
  })
})

test('tiers are those of the cache', () => {
  // @ts-expect-error no such tier
  cache({ tier: 'forever' })
})
