import { Hono } from 'hono'
import { expect, test } from 'vitest'

import { ask, serveApp } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

type Shop = { Variables: { brand: string } }

/** A shop with a list and products, whose responses tell how often they were made. */
async function openList() {
  const { cache, invalidates, shop } = openShop()
  let runs = 0
  const app = new Hono<Shop>()
  app.get('/list', cache({ tags: ['list'] }), (c) => c.text(`run ${++runs}`))
  app.get('/brands/:brand', cache({ tags: (c) => [`brand:${c.req.param('brand')}`] }), (c) => c.text(`run ${++runs}`))
  app.get('/products/:id', cache(), (c) => c.text(`run ${++runs}`))
  app.post('/products', invalidates<Shop>({ tags: (c) => ['list', `brand:${c.get('brand')}`] }), async (c) => {
    const { brand, status } = await c.req.json<{ brand: string; status: 201 | 422 }>()
    c.set('brand', brand)
    if (status === 201) return c.body(null, 201, { Location: '/products/1' })
    if (status === 422) return c.body(null, 422)
    throw new Error('no brand')
  })
  app.put('/products/:id', invalidates(), (c) => c.body(null, 204))
  app.delete('/products/:id', cache(), (c) => c.body(null, 204))
  app.onError((error, c) => c.text(error.message, 500))
  const url = await listen(app)
  return {
    shop,
    url,
    read: async (path: string) => (await hit(url + path)).body,
    create: (brand: string, status: number) =>
      ask(`${url}/products`, { method: 'POST', body: JSON.stringify({ brand, status }) }),
  }
}

test('a success invalidates tags and the new URI before the client has the answer', async () => {
  const { read, create } = await openList()
  const paths = ['/list', '/brands/acme', '/brands/other', '/products/1', '/products/2']
  const before = await Promise.all(paths.map(read))
  expect((await create('acme', 201)).status).toBe(201)
  const after = await Promise.all(paths.map(read))
  expect(after.map((body, i) => body === before[i])).toEqual([false, false, true, false, true])
})

test('a failure invalidates nothing', async () => {
  const { read, create } = await openList()
  const paths = ['/list', '/brands/acme', '/products/1']
  const before = await Promise.all(paths.map(read))
  expect([(await create('acme', 422)).status, (await create('acme', 0)).status]).toEqual([422, 500])
  expect(await Promise.all(paths.map(read))).toEqual(before)
})

test('a safe method invalidates nothing', async () => {
  const { cache, invalidates } = openShop()
  let runs = 0
  const app = new Hono()
  app.get('/list', cache({ tags: ['list'] }), (c) => c.text(`run ${++runs}`))
  app.all('/search', invalidates({ tags: ['list'] }), (c) => c.text('found'))
  const url = await listen(app)
  await hit(`${url}/list`)
  for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await ask(`${url}/search`, { method })).status).toBe(200)
  expect((await ask(`${url}/list`)).body).toBe('run 1')
  await ask(`${url}/search`, { method: 'POST' })
  expect((await ask(`${url}/list`)).body).toBe('run 2')
})

test('without tags the URI of the request is invalidated, also by a method that cache() passes on', async () => {
  const { read, url } = await openList()
  for (const method of ['PUT', 'DELETE']) {
    const before = await read('/products/1')
    expect((await ask(`${url}/products/1`, { method })).status).toBe(204)
    expect(await read('/products/1')).not.toBe(before)
  }
})

test('one call reaches responses and values', async () => {
  const { shop, read } = await openList()
  let loads = 0
  const brand = shop.cached(async () => ++loads, { name: 'brand', tags: () => ['brand:acme'] })
  const before = await read('/brands/acme')
  await brand()
  await shop.invalidateTags(['brand:acme'])
  expect(await read('/brands/acme')).not.toBe(before)
  expect(await brand()).toBe(2)
})

test('a response that was fetched is passed on, although its headers cannot be changed', async () => {
  const origin = await serveApp(new Hono().post('/', (c) => c.text('made', 201, { 'Cache-Status': 'origin; hit' })))
  const { cache } = openShop()
  const app = new Hono().post('/', cache(), () => fetch(`${origin.url}/`, { method: 'POST' }))
  const url = await listen(app)
  const { status, body, header } = await ask(`${url}/`, { method: 'POST' })
  await origin.close()
  expect([status, body, header('cache-status')]).toEqual([201, 'made', 'origin; hit, shelflife;fwd=method'])
})

test('a write of which a tag cannot be worked out is an error of the app, and makes its URI void', async () => {
  const { cache, invalidates } = openShop()
  let runs = 0
  const app = new Hono()
  app.get('/x', cache(), (c) => c.text(`run ${++runs}`))
  app.post(
    '/x',
    invalidates({
      tags() {
        throw new Error('no tags')
      },
    }),
    (c) => c.text('written', 201),
  )
  app.onError((error, c) => c.text(error.message, 500))
  const url = await listen(app)
  await hit(`${url}/x`)
  const { status, body } = await ask(`${url}/x`, { method: 'POST' })
  expect([status, body]).toEqual([500, 'no tags'])
  expect((await ask(`${url}/x`)).body).toBe('run 2')
})
