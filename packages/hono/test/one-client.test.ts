import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

test('what one client is refused for is not held against the others', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache({ ttl: '1m', unkeyed: ['user-agent'] }), (c) => {
    runs++
    return c.req.header('user-agent') === 'bad' ? c.text('go away', 403) : c.text('hello')
  })
  const url = await listen(app)
  expect((await ask(`${url}/`, { headers: { 'User-Agent': 'bad' } })).status).toBe(403)
  await hit(`${url}/`)
  expect(runs).toBe(2)
})

test('codings that nobody knows use up no variants', async () => {
  const { cache } = openShop()
  const text = 'a page that is worth encoding. '.repeat(64)
  const app = new Hono().use(cache({ ttl: '1m' }), compress()).get('/', (c) => c.text(text))
  const url = await listen(app)
  for (let i = 0; i < 25; i++) await ask(`${url}/`, { headers: { 'Accept-Encoding': `junk${i}` } })
  const { header } = await hit(`${url}/`, { headers: { 'Accept-Encoding': 'gzip, br' } })
  expect(header('content-encoding')).toBe('gzip')
  expect((await hit(`${url}/`)).body).toBe(text)
})

test('a part of what is not stored is a part', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache({ ttl: '1m' }), (c) =>
    c.body(new Uint8Array(100_000), 200, { 'Cache-Control': 'private', 'Content-Length': '100000' }),
  )
  const url = await listen(app)
  const { status, bytes } = await ask(`${url}/`, { headers: { Range: 'bytes=1000-1999' } })
  expect([status, bytes.length]).toEqual([206, 1000])
})

test('a redirect to https that a proxy decides loops for nobody', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache({ ttl: '1m' }), (c) =>
    c.req.header('x-forwarded-proto') === 'https' ? c.text('secure') : c.redirect(`https://a.test/`, 301),
  )
  const url = await listen(app)
  for (let i = 0; i < 2; i++) {
    expect((await ask(`${url}/`)).status).toBe(301)
    expect((await ask(`${url}/`, { headers: { 'X-Forwarded-Proto': 'https' } })).body).toBe('secure')
  }
})

test('each origin that cors() behind the cache decides about gets its own answer', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(
    cache({ ttl: '1m' }),
    cors({ origin: (origin) => (origin === 'https://good.test' ? origin : undefined), credentials: true }),
  )
  app.get('/', (c) => c.text('hello'))
  const url = await listen(app)
  await hit(`${url}/`)
  await hit(`${url}/`, { headers: { Origin: 'https://bad.test' } })
  for (const [origin, allowed] of [
    ['https://good.test', 'https://good.test'],
    ['https://bad.test', ''],
  ] as const) {
    const { header } = await hit(`${url}/`, { headers: { Origin: origin } })
    expect(header('access-control-allow-origin')).toBe(allowed)
  }
})

test('a condition on a stream that is not there yet holds nobody up', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache({ ttl: '1m' }), (c) => {
    runs++
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => void setTimeout(resolve, 5))
        controller.enqueue(new Uint8Array(100_000))
        controller.close()
      },
    })
    return c.body(body, 200, { ETag: '"a"' })
  })
  const url = await listen(app)
  expect((await ask(`${url}/`, { headers: { 'If-None-Match': '*' } })).status).toBe(304)
  expect((await hit(`${url}/`)).bytes).toHaveLength(100_000)
  expect(runs).toBe(1)
})
