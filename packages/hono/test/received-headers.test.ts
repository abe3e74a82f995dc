import type { Context } from 'hono'
import { Hono } from 'hono'
import { expect, test } from 'vitest'

import { receivedHeaders } from '../src/received-headers.ts'
import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** As a middleware in front of the cache may turn what a client sent into credentials. */
const CHANGES: Readonly<Record<string, (c: Context) => void>> = {
  'in place'(c) {
    c.req.raw.headers.set('Authorization', 'Bearer alice')
  },
  'in another request'(c) {
    c.req.raw = new Request(c.req.raw, { headers: { Authorization: 'Bearer alice' } })
  },
  'in a request that inherits from it'(c) {
    const headers = new Headers({ Authorization: 'Bearer alice' })
    c.req.raw = Object.create(c.req.raw, { headers: { value: headers } }) as Request
  },
  'as a property of its own'(c) {
    Object.defineProperty(c.req.raw, 'headers', { value: new Headers({ Authorization: 'Bearer alice' }) })
  },
  'behind a proxy'(c) {
    const headers = new Headers({ Authorization: 'Bearer alice' })
    c.req.raw = new Proxy(c.req.raw, {
      get: (request, name) => (name === 'headers' ? headers : (Reflect.get(request, name) as unknown)),
    })
  },
}

test.each(Object.entries(CHANGES))('a header that a middleware adds %s counts', async (_, change) => {
  const { cache } = openShop()
  let isAlice = false
  const app = new Hono()
  app.use(async (c, next) => {
    if (isAlice) change(c)
    await next()
  })
  app.get('/', cache(), (c) => c.text(c.req.header('authorization') ?? 'nobody'))
  const url = await listen(app)
  await hit(`${url}/`)
  isAlice = true
  const { body, header } = await ask(`${url}/`)
  expect([header('cache-status'), body]).toEqual(['shelflife;fwd=bypass;detail=authorization', 'Bearer alice'])
  isAlice = false
  expect((await hit(`${url}/`)).body).toBe('nobody')
})

test('a header that a middleware takes away does not count', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(async (c, next) => {
    c.req.raw.headers.delete('cookie')
    await next()
  })
  app.get('/', cache(), (c) => c.text('hello'))
  const url = await listen(app)
  expect((await hit(`${url}/`, { headers: { Cookie: 'a=b' } })).body).toBe('hello')
})

test('they are those of the server until somebody asks for headers', async () => {
  const seen: unknown[] = []
  const app = new Hono().get('/', (c) => {
    const { raw } = c.req
    seen.push(receivedHeaders(raw)?.['x-name'])
    c.req.header('x-name')
    seen.push(receivedHeaders(raw))
    return c.text('')
  })
  const url = await listen(app)
  for (const name of ['a', 'b']) await ask(`${url}/`, { headers: { 'X-Name': name } })
  // of the first request of all it is not known yet where they are
  expect(seen.slice(2)).toEqual(['b', undefined])
})

test('a request of the runtime has none', () => {
  for (let i = 0; i < 2; i++) expect(receivedHeaders(new Request('http://a.test/'))).toBeUndefined()
})
