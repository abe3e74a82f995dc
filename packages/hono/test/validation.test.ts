import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { describe, expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

const TEXT = 'What is encoded has a weak tag. '.repeat(64)
const GZIP = { headers: { 'Accept-Encoding': 'gzip' } }

describe.each(['safe', 'rfc9111'] as const)('%s', (profile) => {
  test.each([
    ['compress(), etag()', [compress(), etag()]],
    ['etag(), compress()', [etag(), compress()]],
  ])('behind the cache %s never make an empty answer of a plain request', async (_, middlewares) => {
    const { cache, moveOn } = openShop({ profile })
    let runs = 0
    const app = new Hono()
    app.use(cache({ ttl: '1m', staleWhileRevalidate: 0, staleIfError: 0 }), ...middlewares)
    app.get('/', (c) => {
      runs++
      return c.text(TEXT)
    })
    const url = await listen(app)
    const first = await hit(`${url}/`, GZIP)
    for (let i = 1; i < 4; i++) {
      moveOn(120_000)
      const { status, bytes, header } = await ask(`${url}/`, GZIP)
      expect([status, bytes, header('vary'), header('etag')]).toEqual([
        200,
        first.bytes,
        first.header('vary'),
        first.header('etag'),
      ])
      expect((await hit(`${url}/`, GZIP)).bytes).toEqual(first.bytes)
      expect(runs).toBe(i + 1)
    }
  })
})

test('what was not found is made anew, whatever tag it had', async () => {
  const { cache, moveOn } = openShop()
  let isThere = false
  const app = new Hono()
  app.use(cache({ ttl: '1m', staleWhileRevalidate: 0 }), etag())
  app.get('/', (c) => c.text('the same text', isThere ? 200 : 404))
  const url = await listen(app)
  expect((await hit(`${url}/`)).status).toBe(404)
  isThere = true
  moveOn(11_000)
  expect((await ask(`${url}/`)).status).toBe(200)
})
