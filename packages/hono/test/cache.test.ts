import type { Context } from 'hono'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { cacheLifetime, cacheTags, noStore } from '../src/index.ts'
import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

/** An app whose handler counts its runs. */
async function counting(options: Parameters<ReturnType<typeof openShop>['cache']>[0] = { ttl: '1m' }) {
  const made = openShop()
  let runs = 0
  const app = new Hono()
  app.get('/products/:id', made.cache(options), (c) => c.json({ id: c.req.param('id'), run: ++runs }))
  return { ...made, url: await listen(app), runs: () => runs }
}

describe('what is stored', () => {
  const NAMED = { 'content-disposition': 'attachment; filename="näme.txt"', 'x-city': 'Zürich' }

  test.each<[body: string, make: (c: Context) => Response]>([
    ['text', (c) => c.text('grün', 200, NAMED)],
    ['bytes', (c) => c.body(new Uint8Array([0xff, 0xfe]), 200, NAMED)],
    ['nothing', (c) => c.body(null, 200, NAMED)],
  ])('headers beyond ASCII stay what they are, with a body of %s', async (_body, make) => {
    const { cache } = openShop()
    const app = new Hono()
    // without a cache Node writes them so where something in front has touched the response
    app.get(
      '/plain',
      async (c, next) => {
        await next()
        c.header('x-late', '1')
      },
      make,
    )
    app.get('/cached', cache(), make)
    app.get(
      '/front',
      (c, next) => {
        for (const [name, value] of Object.entries(NAMED)) c.header(name, value)
        return next()
      },
      cache(),
      (c) => c.body('x'),
    )
    const url = await listen(app)
    const plain = await ask(`${url}/plain`)
    const miss = await ask(`${url}/cached`)
    const answers = [plain, miss, await hit(`${url}/cached`), await ask(`${url}/front`), await hit(`${url}/front`)]
    for (const { status, header } of answers) {
      expect(status).toBe(200)
      for (const [name, value] of Object.entries(NAMED)) expect(header(name)).toBe(value)
    }
    for (const { bytes } of answers.slice(0, 3)) expect(bytes).toEqual(plain.bytes)
    const part = await ask(`${url}/front`, { headers: { range: 'bytes=0-0' } })
    expect([part.status, part.header('content-disposition')]).toEqual([206, NAMED['content-disposition']])
  })

  test('a second request is answered from the store, with the same bytes and headers', async () => {
    const { url, runs } = await counting()
    const first = await ask(`${url}/products/1`)
    const second = await hit(`${url}/products/1`)
    expect(runs()).toBe(1)
    expect(second.bytes).toEqual(first.bytes)
    expect(second.header('content-type')).toBe('application/json')
    expect(second.header('content-length')).toBe(String(second.bytes.length))
    expect(second.header('age')).toBe('0')
    expect(first.header('cache-status')).toBe('shelflife;fwd=uri-miss;fwd-status=200;stored')
    expect(second.header('cache-status')).toBe('shelflife;hit;ttl=60')
  })

  test('bytes that are no text stay what they are', async () => {
    const { cache } = openShop()
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const app = new Hono().get('/', cache(), (c) => c.body(bytes))
    const url = await listen(app)
    const { bytes: got } = await hit(`${url}/`)
    expect([...got]).toEqual([...bytes])
  })

  test('without a server an app answers the same', async () => {
    const { cache } = openShop()
    let runs = 0
    const app = new Hono().get('/', cache(), (c) => c.text(`run ${++runs}`))
    const answers = [await app.request('/'), await app.request('/')]
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['run 1', 'run 1'])
  })

  test('a body of 204 and a redirect are stored only where the options say so', async () => {
    const { cache } = openShop()
    let runs = 0
    const app = new Hono()
    for (const [path, statuses] of [
      ['/usual', []],
      ['/asked', [204, 302]],
    ] as const) {
      app.get(`${path}/nothing`, cache({ statuses }), (c) => c.body(null, 204, { 'X-Run': String(++runs) }))
      app.get(`${path}/moved`, cache({ statuses }), (c) => c.redirect(`/to/${++runs}`))
    }
    const url = await listen(app)
    const twice = async (path: string) => [await ask(url + path), await ask(url + path)] as const
    const [a, b] = await twice('/usual/nothing')
    expect([a.status, b.status, a.header('x-run'), b.header('x-run')]).toEqual([204, 204, '1', '2'])
    const [c, d] = await twice('/usual/moved')
    expect([c.header('location'), d.header('location')]).toEqual(['/to/3', '/to/4'])
    const e = await hit(`${url}/asked/nothing`)
    expect([e.status, e.header('x-run'), e.header('cache-status')]).toEqual([204, '5', 'shelflife;hit;ttl=60'])
    const f = await hit(`${url}/asked/moved`)
    expect([f.status, f.header('location')]).toEqual([302, '/to/6'])
  })

  test('what was not found is kept for a short time, with the page of the app', async () => {
    const { cache, moveOn } = openShop()
    let runs = 0
    const app = new Hono()
    app.notFound((c) => c.text(`no such page, run ${++runs}`, 404))
    app.get('/own', cache({ ttl: '1m', staleWhileRevalidate: 0 }), (c) => c.notFound())
    app.use('/unknown/*', cache({ ttl: '1m', staleWhileRevalidate: 0 }))
    const url = await listen(app)
    for (const path of ['/own', '/unknown/x']) {
      const first = await ask(url + path)
      const second = await hit(url + path)
      expect([second.status, second.body]).toEqual([404, first.body])
      moveOn(11_000)
      expect((await ask(url + path)).body).not.toBe(first.body)
    }
  })
})

describe('what handlers decide', () => {
  test('tags of the options and of the handler invalidate responses', async () => {
    const { cache, shop } = openShop()
    let runs = 0
    const app = new Hono()
    app.get('/products/:id', cache({ tags: (c) => [`product:${c.req.param('id')}`] }), (c) => {
      cacheTags(c, 'brand:acme', 'list')
      return c.text(`run ${++runs}`)
    })
    const url = await listen(app)
    const read = async (): Promise<string> => (await ask(`${url}/products/1`)).body
    expect([await read(), await read()]).toEqual(['run 1', 'run 1'])
    await shop.invalidateTags(['product:2'])
    expect(await read()).toBe('run 1')
    await shop.invalidateTags(['product:1'])
    expect(await read()).toBe('run 2')
    await shop.invalidateTags(['list'])
    expect(await read()).toBe('run 3')
  })

  test('tags, a lifetime and noStore that it decides while it sends count as well', async () => {
    const { cache, shop } = openShop()
    let runs = 0
    const app = new Hono()
    app.get('/tagged', cache({ ttl: '1m' }), (c) =>
      stream(c, async (to) => {
        await to.write(`run ${++runs}`)
        await to.sleep(5)
        cacheTags(c, 'row:1')
        cacheLifetime(c, { ttl: '2h' })
      }),
    )
    app.get('/broken', cache({ ttl: '1m' }), (c) =>
      stream(c, async (to) => {
        await to.write(`run ${++runs}`)
        await to.sleep(5)
        noStore(c)
      }),
    )
    const url = await listen(app)
    const { body, header } = await hit(`${url}/tagged`)
    expect([body, header('cache-status')]).toEqual(['run 1', 'shelflife;hit;ttl=7200'])
    await shop.invalidateTags(['row:1'])
    expect((await ask(`${url}/tagged`)).body).toBe('run 2')
    expect([(await ask(`${url}/broken`)).body, (await ask(`${url}/broken`)).body]).toEqual(['run 3', 'run 4'])
  })

  test('a lifetime that the handler states wins over the options', async () => {
    const { cache } = openShop()
    const app = new Hono().get('/', cache({ ttl: '1m' }), (c) => {
      cacheLifetime(c, { ttl: '2h' })
      return c.text('hello')
    })
    const url = await listen(app)
    expect((await hit(`${url}/`)).header('cache-status')).toBe('shelflife;hit;ttl=7200')
  })

  test('what the handler does not want stored is not stored', async () => {
    const { cache } = openShop()
    let runs = 0
    const app = new Hono().get('/', cache({ ttl: '1m' }), (c) => {
      noStore(c)
      return c.text(`run ${++runs}`)
    })
    const url = await listen(app)
    expect([(await ask(`${url}/`)).body, (await ask(`${url}/`)).body]).toEqual(['run 1', 'run 2'])
  })

  test('without a cache in front of it a handler may decide what it likes', async () => {
    const app = new Hono().get('/', (c) => {
      cacheTags(c, 'a')
      cacheLifetime(c, { ttl: '1m' })
      noStore(c)
      return c.text('hello')
    })
    expect(await (await app.request('/')).text()).toBe('hello')
  })

  test('of two caches in front of a handler the first counts, and the console is told of the other once', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const { cache } = openShop()
    let runs = 0
    const app = new Hono()
    app.use('*', cache({ ttl: '1m' }))
    app.get('/', cache({ ttl: '1h' }), (c) => c.text(`run ${++runs}`))
    const url = await listen(app)
    for (let i = 0; i < 2; i++) await ask(`${url}/?other=${i}`)
    expect(warn.mock.calls.map(([line]) => line as string)).toEqual([
      expect.stringMatching(/^\[shelflife\] \/ is behind two cache\(\)/),
    ])
    runs = 0
    expect((await ask(`${url}/`)).header('cache-status')).toBe('shelflife;fwd=uri-miss;fwd-status=200;stored')
    const { body, header } = await hit(`${url}/`)
    expect([body, header('cache-status')]).toEqual(['run 1', 'shelflife;hit;ttl=60'])
  })
})

describe('handlers that fail', () => {
  test('what onError makes of a throw is answered and not stored', async () => {
    const { cache } = openShop()
    let runs = 0
    const app = new Hono()
    app.onError((error, c) => c.text(`caught ${error.message}`, 500))
    app.get('/', cache({ ttl: '1m' }), () => {
      throw new Error(`failure ${++runs}`)
    })
    const url = await listen(app)
    const answers = [await ask(`${url}/`), await ask(`${url}/`)]
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual([
      '500 caught failure 1',
      '500 caught failure 2',
    ])
  })

  test('a stale response is better than a throw', async () => {
    const { cache, moveOn } = openShop()
    let isWell = true
    const app = new Hono().get('/', cache({ ttl: '1m', staleWhileRevalidate: 0, staleIfError: '1h' }), (c) => {
      if (!isWell) throw new HTTPException(503)
      return c.text('well')
    })
    const url = await listen(app)
    await hit(`${url}/`)
    isWell = false
    moveOn(120_000)
    const { status, body } = await ask(`${url}/`)
    expect([status, body]).toEqual([200, 'well'])
  })
})
