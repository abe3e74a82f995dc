import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** Puts a response of its own in the place of whatever comes from behind it, as this client's. */
const personalising =
  (headers: Record<string, string>): MiddlewareHandler =>
  async (c, next) => {
    await next()
    const who = c.req.header('x-who')
    if (who !== undefined) c.res = new Response(`${await c.res.text()} ${who}`, { headers })
  }

describe.each([
  ['over a server', (app: Hono) => listen(app)],
  ['without one', (app: Hono) => app],
] as const)('what something in front puts in the place of a response, %s', (_name, up) => {
  async function served(headers: Record<string, string>) {
    const { cache } = openShop()
    const app = new Hono()
    let runs = 0
    app.use(personalising(headers))
    app.get('/', cache({ ttl: '1m' }), (c) => c.text(`run ${++runs}`))
    const where = await up(app)
    return async (who?: string) => {
      const sent = { headers: who === undefined ? {} : { 'x-who': who } }
      if (typeof where !== 'string') {
        const response = await where.request('/', sent)
        const text = await response.text()
        return { text, header: (name: string) => response.headers.get(name) ?? '' }
      }
      const { body, header } = await ask(`${where}/`, sent)
      return { text: body, header: (name: string) => header(name.toLowerCase()) }
    }
  }

  test.each([
    ['Cache-Control', 'private, max-age=60'],
    ['Cache-Control', 'no-store'],
    ['CDN-Cache-Control', 'private'],
    ['Set-Cookie', 'sid=alice'],
    ['Vary', 'Cookie'],
  ])('%s: %s reaches the client, and keeps the response from being stored', async (name, value) => {
    const get = await served({ [name]: value })
    for (const run of [1, 2]) {
      const { text, header } = await get('alice')
      expect([text, header(name)]).toEqual([`run ${run} alice`, expect.stringContaining(value)])
    }
  })

  test('the same beside a hit: it reaches the client, and the entry stays that of the handler', async () => {
    const get = await served({ 'Cache-Control': 'private' })
    await get()
    await expect.poll(async () => (await get()).header('cache-status'), { interval: 5 }).toContain('hit')
    const { text, header } = await get('alice')
    expect([text, header('cache-control')]).toEqual(['run 1 alice', 'private'])
    const other = await get()
    expect([other.text, other.header('cache-control')]).toEqual(['run 1', 'no-cache'])
  })
})

test('a status that something in front has set is that of its own answers alone', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(async (c, next) => {
    if (c.req.header('x-who') === 'alice') c.status(203)
    await next()
  })
  app.get('/', cache({ ttl: '1m' }), (c) => c.text('x'))
  const url = await listen(app)
  const status = async (who: string) => (await hit(`${url}/`, { headers: { 'x-who': who } })).status
  for (const who of ['alice', 'bob', 'alice']) expect(await status(who)).toBe(who === 'alice' ? 203 : 200)
})

test('a handler that returns nothing is answered as without the cache, and nothing is stored', async () => {
  const { cache } = openShop()
  const app = new Hono()
  const nothing = (() => null) as unknown as MiddlewareHandler
  app.onError((error, c) => c.text(error.message, 500))
  const idle: MiddlewareHandler = async (_c, next) => {
    await next()
  }
  app.get('/plain', idle, nothing)
  app.get('/cached', cache({ ttl: '1m' }), nothing)
  app.post('/cached', cache({ ttl: '1m' }), nothing)
  const url = await listen(app)
  const plain = await ask(`${url}/plain`)
  for (const _ of [1, 2]) {
    const { status, body } = await ask(`${url}/cached`)
    expect([status, body]).toEqual([plain.status, plain.body])
  }
  expect((await ask(`${url}/cached`, { method: 'POST' })).status).toBe(plain.status)
})
