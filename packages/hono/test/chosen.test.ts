import type { Context } from 'hono'
import { Hono } from 'hono'
import { validator } from 'hono/validator'
import { describe, expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

const isAdmin = (c: Context): boolean => c.req.header('x-role') === 'admin'

type Value = Readonly<Record<string, unknown>>

/** What a validator makes of the query `drafts=1` for who is no admin. */
const NARROWED: Readonly<Record<string, Value>> = {
  'something added': { drafts: '1', published: 'yes' },
  'something taken away': {},
  'another text': { drafts: '0' },
  'a truth of its own': { drafts: false },
  'what cannot be told in text': { drafts: new Set() },
}

const isNarrow = ({ drafts, published }: Value): boolean =>
  published !== undefined || (drafts !== '1' && drafts !== true)

describe('what validators in front make for some clients only', () => {
  test.each(Object.entries(NARROWED))('%s', async (_what, narrowed) => {
    const { cache } = openShop()
    const app = new Hono()
    app.get(
      '/',
      validator('query', (value: Value, c) => (isAdmin(c) ? value : narrowed)),
      cache({ ttl: '1m' }),
      (c) => c.text(isNarrow(c.req.valid('query')) ? 'few' : 'all'),
    )
    for (const role of ['admin', 'other', 'admin', 'other', 'other']) {
      const response = await app.request('http://a.test/?drafts=1', { headers: { 'x-role': role } })
      expect([role, await response.text()]).toEqual([role, role === 'admin' ? 'all' : 'few'])
    }
  })

  test('what is the same for all is stored, and caches behind may keep it', async () => {
    const { cache } = openShop()
    const app = new Hono()
    app.get(
      '/:id',
      validator('param', ({ id }) => ({ id: Number(id) })),
      cache({ ttl: '1m' }),
      (c) => c.text(String(c.req.valid('param').id)),
    )
    const ask = async (): Promise<string | null> => {
      const { headers } = await app.request('http://a.test/7')
      expect(headers.has('vary')).toBe(false)
      return headers.get('cache-status')
    }
    expect(await ask()).toMatch(/stored$/)
    await expect.poll(ask).toMatch(/^shelflife;hit/)
  })
})

test('a path that is made of a header tells responses apart', async () => {
  const { cache } = openShop()
  const getPath = (request: Request): string => `/${request.headers.get('x-tenant')}${new URL(request.url).pathname}`
  const app = new Hono({ getPath })
  app.get('/:tenant/orders', cache({ ttl: '1m' }), (c) => c.text(`orders of ${c.req.param('tenant')}`))
  for (const tenant of ['acme', 'globex', 'acme', 'globex']) {
    const response = await app.request('http://a.test/orders', { headers: { 'x-tenant': tenant } })
    expect(await response.text()).toBe(`orders of ${tenant}`)
  }
})

describe('what was asked for by another URL than the handler is given', () => {
  /** The host of a header, and its language in the query. */
  function other(request: Request): Request {
    const { 'x-lang': lang, 'x-host': host } = Object.fromEntries(request.headers) as Record<string, string | undefined>
    const url = new URL(request.url)
    if (lang !== undefined) url.searchParams.set('lang', lang)
    const headers = new Headers(request.headers)
    if (host !== undefined) headers.set('host', (url.host = host))
    return new Request(url, { headers })
  }

  const WAYS: Readonly<Record<string, (app: Hono) => Hono>> = {
    'in a middleware': (app) =>
      new Hono()
        .use(async (c, next) => {
          c.req.raw = other(c.req.raw)
          await next()
        })
        .route('/', app),
    'around fetch': (app) => new Hono().all('*', (c) => app.fetch(other(c.req.raw), c.env)),
    'around request': (app) => new Hono().all('*', (c) => app.request(other(c.req.raw), undefined, c.env)),
  }

  describe.each(Object.entries(WAYS))('%s', (_way, rewrite) => {
    test('on Node a CDN is told to keep none of it', async () => {
      const { cache } = openShop({ cdn: 'fastly' })
      const app = new Hono().get('/p', cache({ ttl: '1m' }), (c) => c.text(new URL(c.req.url).search))
      const url = await listen(rewrite(app))
      for (let i = 0; i < 2; i++) {
        for (const headers of [{ 'x-lang': 'de' }, { 'x-lang': 'en' }, { 'x-host': 'b.test' }]) {
          const { status, header } = await ask(`${url}/p`, { headers: { host: 'a.test', ...headers } })
          expect([headers, status, header('cdn-cache-control')]).toEqual([headers, 200, ''])
        }
        for (const path of ['/p', '/p?a=%20b|c', '/x/../p']) {
          const { status, header } = await ask(`${url}${path}`, { headers: { host: 'a.test' } })
          expect([path, status, header('cdn-cache-control')]).toEqual([
            path,
            200,
            expect.stringContaining('max-age=60'),
          ])
        }
      }
    })
  })

  test('is refreshed in the background all the same', async () => {
    const { cache, moveOn } = openShop()
    let runs = 0
    const app = new Hono().get('/p', cache({ ttl: '1m', staleWhileRevalidate: '1h' }), (c) => c.text(String(++runs)))
    const url = await listen(WAYS['around fetch']!(app))
    const asked = { headers: { 'x-lang': 'de' } }
    expect((await hit(`${url}/p`, asked)).body).toBe('1')
    moveOn(61_000)
    expect((await ask(`${url}/p`, asked)).body).toBe('1')
    await expect.poll(() => runs, { interval: 5 }).toBe(2)
    expect((await hit(`${url}/p`, asked)).body).toBe('2')
  })
})
