import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import type { Context, Next } from 'hono'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { setCookie } from 'hono/cookie'
import { etag } from 'hono/etag'
import { describe, expect, onTestFinished, test } from 'vitest'

import { cacheResponses } from '../src/index.ts'
import type { Asked } from './serve-app.ts'
import { ask, serveApp } from './serve-app.ts'
import { listen, openShop } from './shop.ts'

const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5))

/** What a client gets, through a server or without one. */
type Reader = (path: string, asked?: Asked) => Promise<{ status: number; body: string; header(name: string): string }>

const WAYS: Readonly<Record<string, (app: Hono) => Promise<Reader>>> = {
  async 'on Node'(app) {
    const url = await listen(app)
    return (path, asked) => ask(url + path, asked)
  },
  async 'without a server'(app) {
    return async (path, asked = {}) => {
      const response = await app.request(`http://a.test${path}`, asked as RequestInit)
      return {
        status: response.status,
        body: await response.text(),
        header: (name) => response.headers.get(name) ?? '',
      }
    }
  },
}

/** What middlewares do after the handler, with what they know by then. */
const FOR_ONE: Readonly<Record<string, (c: Context) => void>> = {
  'sets a cookie': (c) => setCookie(c, 'sid', '1'),
  'appends a cookie': (c) => c.res.headers.append('Set-Cookie', 'sid=1'),
  'asks whether there is a response, and appends a cookie': (c) => {
    if (c.finalized) c.res.headers.append('Set-Cookie', 'sid=1')
  },
  'says private': (c) => c.header('Cache-Control', 'private'),
  'says no-store': (c) => c.header('Cache-Control', 'no-store', { append: true }),
  'says that it varies by cookies': (c) => c.header('Vary', 'Cookie', { append: true }),
  'answers with another response'(c) {
    const { status, headers, body } = c.res
    c.res = new Response(body, { status, headers: [...headers, ['Set-Cookie', 'sid=1']] })
  },
}

/** What stands between that and the cache. */
const BETWEEN = {
  nothing: [],
  'etag()': [etag()],
  'compress()': [compress({ threshold: 0 })],
  'what sets fields in two ways': [
    async (c: Context, next: Next) => {
      await next()
      c.header('X-One', '1')
      c.res.headers.set('X-Other', '1')
    },
  ],
} as const

const streamed = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      await pause()
      controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  for (const [between, middlewares] of Object.entries(BETWEEN)) {
    test.each(Object.entries(FOR_ONE))(
      `what a middleware in front says last keeps the entry from being stored: it %s, behind it ${between}`,
      async (_name, say) => {
        const { cache } = openShop()
        let runs = 0
        const app = new Hono()
        app.use(async (c, next) => {
          await next()
          await pause()
          say(c)
        })
        for (const middleware of middlewares) app.use(middleware)
        app.get('/whole', cache({ ttl: '1m' }), (c) => c.text(`run ${++runs}`))
        app.get('/streamed', cache({ ttl: '1m' }), (c) => c.body(streamed(`run ${++runs}`)))
        const read = await way(app)
        for (const path of ['/whole', '/streamed']) {
          const before = runs
          const bodies = [(await read(path)).body]
          await pause()
          bodies.push((await read(path)).body)
          expect(bodies).toEqual([`run ${before + 1}`, `run ${before + 2}`])
        }
      },
    )
  }

  test('nobody gets it meanwhile either', async () => {
    const { cache } = openShop()
    let runs = 0
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      for (let i = 0; i < 4; i++) await pause()
      setCookie(c, 'sid', '1')
    })
    app.get('/', cache({ ttl: '1m' }), (c) => c.text(`run ${++runs}`))
    const read = await way(app)
    const first = read('/')
    await pause()
    const others = Array.from({ length: 5 }, () => read('/'))
    const bodies = (await Promise.all([first, ...others])).map(({ body }) => body)
    expect(new Set(bodies).size).toBe(6)
  })

  test.each<[string, Asked, number]>([
    ['a condition that holds', { headers: { 'If-None-Match': '"a"' } }, 304],
    ['a part', { headers: { Range: 'bytes=0-2' } }, 206],
    ['an answer without a body', {}, 204],
  ])('it is heard with %s as well', async (_name, asked, status) => {
    const { cache } = openShop()
    let runs = 0
    let isOver = false
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      await pause()
      if (!isOver) setCookie(c, 'sid', '1')
    })
    app.get('/', cache({ ttl: '1m', statuses: [204] }), (c) => {
      runs++
      return status === 204 ? c.body(null, 204) : c.text('hello', 200, { ETag: '"a"' })
    })
    const read = await way(app)
    expect((await read('/', asked)).status).toBe(status)
    await pause()
    await read('/', asked)
    expect(runs).toBe(2)
    isOver = true
    await read('/')
    await expect.poll(async () => (await read('/')).header('cache-status'), { interval: 5 }).toMatch(/^shelflife;hit/)
  })

  test('what else they add does no harm, nor what they set before', async () => {
    const { cache } = openShop()
    let visits = 0
    const app = new Hono()
    app.use(async (c, next) => {
      setCookie(c, 'visit', String(++visits))
      await next()
      await pause()
      c.header('X-Time', '5')
      c.res.headers.append('Vary', 'Origin')
    })
    app.get('/', cache({ ttl: '1m' }), (c) => c.text('hello'))
    const read = await way(app)
    await read('/')
    await expect.poll(async () => (await read('/')).header('cache-status'), { interval: 5 }).toMatch(/^shelflife;hit/)
    const { header } = await read('/')
    expect([header('x-time'), header('set-cookie')]).toEqual(['5', `visit=${visits}; Path=/`])
  })

  test('a middleware in front that fails afterwards holds nobody up', async () => {
    const { cache } = openShop()
    let isBroken = true
    const app = new Hono()
    app.onError((_error, c) => c.text('broken', 500))
    app.use(async (_c, next) => {
      await next()
      if (isBroken) throw new Error('no session')
    })
    app.get('/', cache({ ttl: '1m' }), (c) => c.text('hello'))
    const read = await way(app)
    expect((await read('/')).status).toBe(500)
    isBroken = false
    expect((await read('/')).body).toBe('hello')
  })

  test('a refresh is judged by what they say last, too', async () => {
    const { cache, moveOn } = openShop()
    let runs = 0
    const app = new Hono()
    app.use(async (c, next) => {
      await next()
      await pause()
      if (runs > 1) c.header('Cache-Control', 'private')
    })
    app.get('/', cache({ ttl: '1m', staleWhileRevalidate: '1h' }), (c) => c.text(`run ${++runs}`))
    const read = await way(app)
    await read('/')
    await expect.poll(async () => (await read('/')).header('cache-status'), { interval: 5 }).toMatch(/^shelflife;hit/)
    moveOn(120_000)
    expect((await read('/')).body).toBe('run 1')
    await expect.poll(() => runs, { interval: 5 }).toBe(2)
    await expect.poll(async () => (await read('/')).body, { interval: 5 }).not.toBe('run 1')
    const [one, other] = [await read('/'), await read('/')]
    expect(one.body).not.toBe(other.body)
  })
})

test('on Node what is added outside of Hono is heard as well', async () => {
  const { cache } = openShop()
  let runs = 0
  const inner = new Hono().get('/', cache({ ttl: '1m' }), (c) => c.text(`run ${++runs}`))
  const outer = new Hono()
  outer.use(async (c, next) => {
    await next()
    setCookie(c, 'sid', '1')
  })
  outer.mount('/inner', inner.fetch)
  const url = await listen(outer)
  expect([(await ask(`${url}/inner/`)).body, (await ask(`${url}/inner/`)).body]).toEqual(['run 1', 'run 2'])
})

test('the length of a miss is stated as before', async () => {
  const { cache } = openShop()
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('X-Late', '1')
  })
  app.get('/', cache({ ttl: '1m' }), (c) => c.text('hello'))
  const url = await listen(app)
  expect((await ask(`${url}/`)).header('content-length')).toBe('5')
})

test('who rewrites the body in front of the cache sends all of it', async () => {
  const shop = createCache({ namespace: 'rewritten', store: memoryStore() })
  onTestFinished(() => shop.close())
  const { cache } = cacheResponses({ cache: shop, onUnkeyedInput: () => {} })
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.res = new Response(`${await c.res.text()} and more`, c.res)
  })
  app.get('/x', cache({ ttl: '1m' }), (c) => c.text('some'))
  const { url, close } = await serveApp(app)
  onTestFinished(close)
  for (const _ of [1, 2]) expect((await ask(`${url}/x`)).body).toBe('some and more')
})
