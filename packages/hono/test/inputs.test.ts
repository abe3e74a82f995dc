import { AsyncLocalStorage } from 'node:async_hooks'

import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { contextStorage, getContext } from 'hono/context-storage'
import { getCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { jsx } from 'hono/jsx'
import { jsxRenderer } from 'hono/jsx-renderer'
import { languageDetector } from 'hono/language'
import { requestId } from 'hono/request-id'
import { stream } from 'hono/streaming'
import { startTime, timing } from 'hono/timing'
import { validator } from 'hono/validator'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { cacheResponses } from '../src/index.ts'
import type { AnyEnv } from './routed.ts'
import { leaving, routed, said } from './routed.ts'
import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

const SHOP = Symbol('kShop')

describe('what else was left in front', () => {
  const tenants = new AsyncLocalStorage<string>()
  const WAYS: Readonly<Record<string, [string, MiddlewareHandler, (c: Context) => unknown]>> = {
    'a variable': ['c.var.shop', leaving((c, who) => c.set('shop', who)), (c) => c.get('shop')],
    'a variable by name': ['c.var.shop', leaving((c, who) => c.set('shop', who)), (c) => c.var['shop']],
    'one of all variables': ['c.var.shop', leaving((c, who) => c.set('shop', who)), (c) => ({ ...c.var }).shop],
    'all variables': ['c.var.shop', leaving((c, who) => c.set('shop', who)), (c) => Object.entries(c.var)[0]?.[1]],
    'the context of the moment': [
      'c.var.shop',
      async (c, next) => {
        c.set('shop', c.req.header('x-who'))
        await contextStorage()(c, next)
      },
      () => getContext<AnyEnv>().var['shop'],
    ],
    'a property of the request': [
      'c.req.raw.shop',
      leaving((c, who) => Object.assign(c.req.raw, { shop: who })),
      (c) => (c.req.raw as Request & { shop?: string }).shop,
    ],
    'what was validated': [
      'c.req.valid.header',
      validator('header', ({ 'x-who': who }) => ({ who })),
      (c) => (c.req.valid('header' as never) as { who: string }).who,
    ],
    'more than was sent, in what was validated of the query': [
      'c.req.valid.query',
      validator('query', (sent, c) => ({ ...sent, shop: c.req.header('x-who') })),
      (c) => (c.req.valid('query' as never) as { shop: string }).shop,
    ],
    'an object, in what was validated of the parameters': [
      'c.req.valid.param',
      validator('param', (_sent, c) => ({ shop: new Map([['who', c.req.header('x-who')]]) })),
      (c) => (c.req.valid('param' as never) as { shop: Map<string, string> }).shop.get('who'),
    ],
    'what was validated of no body': [
      'c.req.valid.json',
      validator('json', (_sent, c) => ({ shop: c.req.header('x-who') })),
      (c) => (c.req.valid('json' as never) as { shop: string }).shop,
    ],
    'a symbol of the context': [
      'c.kShop',
      leaving((c, who) => Object.assign(c, { [SHOP]: who })),
      (c) => (c as Context & { [SHOP]?: string })[SHOP],
    ],
    'a layout': [
      'c.getLayout',
      leaving((c, who) => void c.setLayout((() => who) as never)),
      (c) => (c.getLayout() as unknown as () => string)(),
    ],
    'an error': ['c.error', leaving((c, who) => void (c.error = new Error(who))), (c) => c.error?.message],
    'what was parsed of a body': [
      'c.req.bodyCache',
      leaving((c, who) => Object.assign(c.req.bodyCache, { parsedBody: { who } })),
      (c) => (c.req.bodyCache as { parsedBody?: { who: string } }).parsedBody?.who,
    ],
    'an async context': [
      'AsyncLocalStorage',
      (c, next) => tenants.run(c.req.header('x-who') ?? '', next),
      () => tenants.getStore(),
    ],
  }

  test.each(Object.entries(WAYS))(
    '%s counts: it is not stored, and one line names it',
    async (_name, [path, front, find]) => {
      const { read, noted } = await routed(front, (c) => said(c, find(c)))
      for (const who of ['alice', 'bob', 'alice']) expect((await read({ 'x-who': who })).body).toBe(`for ${who}`)
      expect(noted).toEqual([path])
    },
  )

  test.each(Object.entries(WAYS))('%s may be declared', async (_name, [path, front, find]) => {
    const { url, noted } = await routed(front, (c) => said(c, find(c)), { headers: ['x-who'], unkeyed: [path] })
    for (const who of ['alice', 'bob', 'alice']) {
      expect((await hit(`${url}/`, { headers: { 'x-who': who } })).body).toBe(`for ${who}`)
    }
    expect(noted).toEqual([])
  })

  const RENDERERS: Readonly<Record<string, MiddlewareHandler>> = {
    'a renderer': leaving((c, who) => c.setRenderer((content) => c.html(`${content as string} ${who}`))),
    'a renderer that gives the content alone to c.html, and something else as well': leaving((c, who) =>
      c.setRenderer(async (content) => c.text(`${await (await c.html(content)).text()} ${who}`)),
    ),
    jsxRenderer: (c, next) => {
      const who = c.req.header('x-who')
      return jsxRenderer(({ children }) => jsx('b', {}, children as never, ` ${who}`))(c, next)
    },
  }

  test.each(Object.entries(RENDERERS))('%s counts where the handler renders', async (_name, front) => {
    const { read, noted } = await routed(front, async (c) => c.render('for' as never))
    for (const who of ['alice', 'bob', 'alice']) expect((await read({ 'x-who': who })).body).toContain(`for ${who}`)
    expect(noted).toEqual(['c.render'])
  })

  test('the language that Hono has detected counts', async () => {
    const detector = languageDetector({ supportedLanguages: ['en', 'de'], fallbackLanguage: 'en', caches: false })
    const { read, noted } = await routed(detector, (c) => c.text(`in ${String(c.get('language'))}`))
    for (const language of ['de', 'en', 'de']) {
      expect((await read({ 'Accept-Language': language })).body).toBe(`in ${language}`)
    }
    expect(noted).toEqual(['c.var.language'])
  })

  test('the connection of the client counts, and the server may use it', async () => {
    const idle: MiddlewareHandler = (_c, next) => next()
    for (const [path, find] of [
      ['c.env.incoming', (c: Context) => getConnInfo(c).remote.port],
      ['c.env.incoming', (c: Context) => (c.env as { incoming: { url: string } }).incoming.url],
      ['c.env.outgoing', (c: Context) => typeof (c.env as { outgoing: unknown }).outgoing],
    ] as const) {
      const { read, noted } = await routed(idle, (c) => said(c, find(c)))
      expect((await read()).status).toContain('detail=unkeyed-input')
      expect(noted).toContain(path)
    }
    const { url } = await routed(idle, (c) => said(c, 'all'))
    await hit(`${url}/`)
  })

  test.each(['X-Api-Key', 'X-Auth-Token', 'Proxy-Authorization', 'Cf-Access-Jwt-Assertion', 'X-Forwarded-User'])(
    'a handler that reads %s itself answers one client',
    async (name) => {
      const { read } = await routed(
        (_c, next) => next(),
        (c) => said(c, c.req.header(name)),
      )
      for (const who of ['alice', 'bob', 'alice']) expect((await read({ [name]: who })).body).toBe(`for ${who}`)
    },
  )

  test.each(['X-Forwarded-Host', 'X-Forwarded-For', 'X-Lang'])(
    'a response with %s in it is not stored, by default',
    async (name) => {
      const { read, noted } = await routed(
        (_c, next) => next(),
        (c) => said(c, c.req.header(name)),
      )
      for (const value of ['a', 'b']) expect((await read({ [name]: value })).body).toBe(`for ${value}`)
      expect(noted).toEqual([name.toLowerCase()])
    },
  )
})

describe('of all headers at once', () => {
  const greet = (c: Context, headers: Readonly<Record<string, string>>): Response =>
    c.text(`hello ${headers['x-api-key'] ?? 'guest'}`)

  test.each<[way: string, all: (c: Context) => Readonly<Record<string, string>>, status: string]>([
    ['one is read', (c) => c.req.header(), 'identity'],
    ['all are gone through', (c) => ({ ...c.req.header() }), 'unkeyed-input'],
    ['all of the request are gone through', (c) => Object.fromEntries(c.req.raw.headers), 'unkeyed-input'],
  ])('those that are not there count as well: %s', async (_way, all, why) => {
    const { cache } = openShop()
    const app = new Hono().get('/', cache({ ttl: '1m' }), (c) => greet(c, all(c)))
    const url = await listen(app)
    const first = await ask(`${url}/`)
    expect([first.body, first.header('cache-status')]).toEqual([
      'hello guest',
      expect.stringContaining(`detail=${why}`),
    ])
    for (const who of ['alice', 'bob'])
      expect((await ask(`${url}/`, { headers: { 'x-api-key': who } })).body).toBe(`hello ${who}`)
  })

  test('those that are not looked for do not count, and what is declared is told apart', async () => {
    const { cache } = openShop()
    const app = new Hono().get('/', cache({ ttl: '1m', headers: ['x-api-key'] }), (c) => {
      const all = c.req.header()
      return c.json({ key: all['x-api-key'], isThere: 'x-api-key' in all })
    })
    const url = await listen(app)
    for (const key of ['a', 'b']) {
      const { body } = await hit(`${url}/`, { headers: { 'x-api-key': key, 'user-agent': 'some' } })
      expect(JSON.parse(body)).toEqual({ key, isThere: true })
    }
  })

  test('a request of the handler’s own is its own', async () => {
    const { cache } = openShop()
    const app = new Hono().get('/', cache({ ttl: '1m' }), (c) => {
      c.req.raw = new Request(c.req.url, { headers: { 'x-api-key': 'ours' } })
      return greet(c, { ...c.req.header() })
    })
    const url = await listen(app)
    expect((await hit(`${url}/`)).body).toBe('hello ours')
  })
})

describe('what does not count', () => {
  test('what the handler has set itself, and what is left and not read', async () => {
    const { url } = await routed(
      leaving((c, who) => {
        c.set('user', who)
        c.set('shop', who)
      }),
      async (c) => {
        c.set('shop', 'of the handler')
        return said(c, `${c.get('shop') as string} ${c.var['shop'] as string}`)
      },
    )
    await hit(`${url}/`, { headers: { 'x-who': 'alice' } })
    const { body } = await hit(`${url}/`, { headers: { 'x-who': 'bob' } })
    expect(body).toBe('for of the handler of the handler')
  })

  test('what a middleware behind the cache leaves for the handler, such as what it has validated', async () => {
    const { cache } = openShop()
    const app = new Hono()
    app.get(
      '/',
      cache({ ttl: '1m', headers: ['x-who'] }),
      validator('header', ({ 'x-who': who }) => ({ who })),
      (c) => c.text(`for ${c.req.valid('header').who}`),
    )
    const url = await listen(app)
    for (const who of ['alice', 'bob']) {
      expect((await hit(`${url}/`, { headers: { 'x-who': who } })).body).toBe(`for ${who}`)
    }
  })

  test.each(['whole', 'streamed'])(
    'what middlewares in front read when it is their turn again, of a body that is %s',
    async (kind) => {
      const seen: unknown[] = []
      const front: MiddlewareHandler = async (c, next) => {
        c.set('session', { visits: 1 })
        await next()
        await new Promise((resolve) => void setTimeout(resolve, 5))
        seen.push(c.get('session'), c.var['session'], c.req.header('range'), c.req.header('x-who'))
      }
      const { url } = await routed(front, (c) =>
        kind === 'whole'
          ? c.text('hello')
          : stream(c, async (to) => {
              await to.write('hel')
              await to.sleep(20)
              await to.write('lo')
            }),
      )
      await hit(`${url}/`, { headers: { Range: 'bytes=0-', 'x-who': 'alice' } }).catch(() => {})
      const { header } = await hit(`${url}/`)
      expect(header('cache-status')).toContain('hit')
      expect(seen.slice(0, 4)).toEqual([{ visits: 1 }, { visits: 1 }, 'bytes=0-', 'alice'])
    },
  )

  test('what was validated of the URI, as validators make it', async () => {
    const front = validator('query', ({ page, q, all, since }) => ({
      page: Number(page),
      q: (q as string).trim().toLowerCase(),
      all: all === 'true',
      since: new Date(since as string),
      none: undefined,
    }))
    const { url, noted } = await routed(front, (c) => c.json(c.req.valid('query' as never)))
    await hit(`${url}/?page=05&q=%20Tea&all=true&since=2026-01-01`)
    expect(noted).toEqual([])
  })

  test('a renderer that is set behind the cache, and none at all', async () => {
    const { cache } = openShop()
    const app = new Hono()
    const renderer = jsxRenderer(({ children }) => jsx('b', {}, children as never))
    app.get('/own', cache({ ttl: '1m' }), renderer, (c) => c.render('page'))
    app.get('/none', cache({ ttl: '1m' }), (c) => c.render('page'))
    const url = await listen(app)
    for (const path of ['/own', '/none']) {
      const { body } = await hit(url + path)
      expect(body).toContain('page')
      expect((await hit(url + path)).header('cache-status')).toContain('hit')
    }
  })

  test('ids of requests, times, and what Hono itself needs', async () => {
    const { url, noted } = await routed([requestId(), timing(), cors(), contextStorage()], (c) => {
      startTime(c, 'work')
      c.header('X-Handled-By', 'hono')
      return said(c, typeof c.get('requestId'))
    })
    await hit(`${url}/`)
    expect(noted).toEqual([])
  })
})

describe('cookies', () => {
  test('a handler sees those that are declared, and no others', async () => {
    const { url } = await routed(
      (_c, next) => next(),
      (c) => c.json(getCookie(c)),
      { cookies: { vary: ['lang'] } },
    )
    for (const who of ['alice', 'bob']) {
      const { body } = await hit(`${url}/`, { headers: { Cookie: `sid=${who}; lang=de` } })
      expect(body).toBe('{"lang":"de"}')
    }
  })

  test('a response that says that it is public is still only for those without', async () => {
    const { read, url } = await routed(
      (_c, next) => next(),
      (c) => c.text(`for ${getCookie(c, 'sid') ?? 'nobody'}`, 200, { 'Cache-Control': 'public, max-age=60' }),
    )
    for (const who of ['alice', 'bob']) expect((await read({ Cookie: `sid=${who}` })).body).toBe(`for ${who}`)
    expect((await hit(`${url}/`)).body).toBe('for nobody')
    expect((await read({ Cookie: 'sid=alice' })).body).toBe('for alice')
  })
})

test('a refresh has nothing of the client that asked, in no async context either', async () => {
  const users = new AsyncLocalStorage<string>()
  const { read, moveOn } = await routed(
    (c, next) => users.run(c.req.header('x-who') ?? 'nobody', next),
    (c) => said(c, `${users.getStore() ?? 'no context'}, ${c.req.header('x-api-key') ?? 'no key'}`),
    { staleWhileRevalidate: '1h', inputs: 'off' },
  )
  await read()
  moveOn(120_000)
  const alice = { 'x-who': 'alice', 'x-api-key': 'alice' }
  expect((await read(alice)).body).toBe('for nobody, no key')
  await vi.waitFor(async () => expect((await read(alice)).status).toMatch(/^shelflife;hit;ttl=60/))
  expect((await read(alice)).body).toBe('for nobody, no key')
})

test('what an environment of one request says counts, whatever it is called, and one that comes again is of all', async () => {
  const shop = createCache({ namespace: 'environments', store: memoryStore() })
  onTestFinished(() => shop.close())
  const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })
  const app = new Hono<{ Bindings: { who: string } }>()
  app.get('/own', cache({ ttl: '1m' }), (c) => c.text(`for ${c.env.who}`))
  app.get('/bindings', cache({ ttl: '1m' }), (c) => c.text(`in ${c.env.who}`))
  const ask = async (path: string, env: object) => (await app.request(path, {}, env)).text()
  expect([await ask('/own', { who: 'alice' }), await ask('/own', { who: 'bob' })]).toEqual(['for alice', 'for bob'])
  const bindings = { who: 'production' }
  await vi.waitFor(async () => {
    const { headers } = await app.request('/bindings', {}, bindings)
    expect(headers.get('cache-status')).toMatch(/^shelflife;hit/)
  })
})
