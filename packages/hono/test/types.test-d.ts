import { Hono } from 'hono'
import { expectTypeOf, test } from 'vitest'

import { openShop } from './shop.ts'

type Shop = { Variables: { brand: string } }

const { cache, invalidates } = openShop()

test('a handler behind the middlewares keeps the types that Hono gives it', () => {
  const app = new Hono<Shop>()
  app.get('/brands/:brand/products/:id', cache({ tier: 'dynamic' }), invalidates(), (c) => {
    expectTypeOf(c.req.param()).toEqualTypeOf<{ brand: string; id: string }>()
    expectTypeOf(c.get('brand')).toEqualTypeOf<string>()
    return c.text('')
  })
})

test('tags get the context, with the environment and the parameters of the path where they are named', () => {
  cache({
    tags(c) {
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string | undefined>()
      return []
    },
  })
  invalidates<Shop, '/products/:id'>({
    tags(c) {
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>()
      expectTypeOf(c.get('brand')).toEqualTypeOf<string>()
      return []
    },
  })
})

test('a tier is one of the cache', () => {
  // @ts-expect-error no such tier
  cache({ tier: 'eternal' })
})
