import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

const ALICE = {
  Cookie: 'user=alice',
  Authorization: 'Bearer alice',
  'Proxy-Authorization': 'Basic alice',
  'X-Api-Key': 'alice',
}

/** A response with a lifetime of one minute, and a while in which it is refreshed in the background. */
const OPTIONS = { ttl: '1m', staleWhileRevalidate: '1h', inputs: 'off', headers: ['accept-language'] } as const

/** So that who is known gets the same as everybody. */
const PUBLIC = 'public, max-age=60, stale-while-revalidate=3600'

/** What a handler sees of who asks. */
const seen = (c: Context): string =>
  JSON.stringify({
    cookie: c.req.header('cookie'),
    authorization: c.req.header('authorization') ?? c.req.header('proxy-authorization'),
    language: c.req.header('accept-language'),
    key: c.req.header('x-api-key'),
    id: c.req.param('id'),
    query: c.req.query('q'),
    path: c.req.path,
    connection: Object.keys((c.env ?? {}) as object),
  })

/** Puts an app up, makes what it stores for a path stale, and gives what it stores after a refresh. */
async function refreshed(
  build: (cache: ReturnType<typeof openShop>['cache']) => Hono,
  path = '/items/a%252Fb?q=1',
): Promise<{ readonly before: string; readonly after: string }> {
  const { cache, moveOn } = openShop({ profile: 'rfc9111' })
  const url = await listen(build(cache))
  const read = (way = ask, headers = {}) => way(`${url}${path}`, { headers: { 'Accept-Language': 'de', ...headers } })
  const before = (await read(hit)).body
  moveOn(120_000)
  const stale = await read(ask, ALICE)
  expect([stale.body, stale.header('cache-status')]).toEqual([before, expect.stringContaining('detail=stale')])
  let after = before
  await expect.poll(async () => (after = (await read()).body), { interval: 5 }).not.toBe(before)
  return { before, after }
}

/** Answers with its run and what it sees, for all. */
function telling(): (c: Context) => Response {
  let runs = 0
  return (c) => c.text(`${++runs} ${seen(c)} ${c.get('note') ?? ''}`, 200, { 'Cache-Control': PUBLIC })
}

const ITEM = { language: 'de', id: 'a%2Fb', query: '1', path: '/items/a%252Fb', connection: [] }

test('a refresh runs the route for nobody: without cookies, what nobody declared or the connection of the client', async () => {
  const { after } = await refreshed((cache) => new Hono().get('/items/:id', cache(OPTIONS), telling()))
  expect(after).toBe(`2 ${JSON.stringify(ITEM)} `)
})

test('a refresh works in an app within an app, below a base path', async () => {
  const { after } = await refreshed((cache) => {
    const inner = new Hono().get('/:id', cache(OPTIONS), telling())
    return new Hono().basePath('/api').route('/shops/:shop/items', inner)
  }, '/api/shops/1/items/a%252Fb?q=1')
  expect(after).toBe(`2 ${JSON.stringify({ ...ITEM, path: '/api/shops/1/items/a%252Fb' })} `)
})

test('a refresh works in an app within an app that catches its own errors', async () => {
  const { after } = await refreshed((cache) => {
    const inner = new Hono().get('/:id', cache(OPTIONS), telling())
    inner.onError((error, c) => c.text(error.message, 500))
    return new Hono().route('/items', inner)
  })
  expect(after).toBe(`2 ${JSON.stringify(ITEM)} `)
})

test('a refresh works for a cache in front of a whole app', async () => {
  const { after } = await refreshed((cache) => {
    const app = new Hono()
    app.use('*', cache(OPTIONS))
    return app.get('/items/:id', telling())
  })
  expect(after).toBe(`2 ${JSON.stringify(ITEM)} `)
})

test('a refresh runs the middlewares before and after the cache, which see nobody either', async () => {
  const note =
    (name: string): MiddlewareHandler =>
    async (c, next) => {
      c.set('note', `${c.get('note') ?? ''}${name} for ${c.req.header('cookie') ?? 'nobody'}; `)
      c.header('X-Before', 'yes')
      await next()
      c.res.headers.set('X-After', 'yes')
    }
  const { after } = await refreshed((cache) => {
    const app = new Hono()
    app.use(note('before'))
    return app.get('/items/:id', cache(OPTIONS), note('after'), telling())
  })
  expect(after).toBe(`2 ${JSON.stringify(ITEM)} before for nobody; after for nobody; `)
})

test('a refresh keeps the cookies that are part of the key, and no others', async () => {
  const { cache, moveOn } = openShop()
  const app = new Hono().get('/', cache({ ...OPTIONS, cookies: { vary: ['lang'] } }), telling())
  const url = await listen(app)
  const read = async (user: string, way = ask) =>
    (await way(`${url}/`, { headers: { Cookie: `user=${user}; lang=fr` } })).body
  await read('alice', hit)
  moveOn(120_000)
  await read('alice')
  await expect.poll(() => read('bob'), { interval: 5 }).toMatch(/^2 /)
  expect(await read('bob')).toContain('"cookie":"lang=fr"')
})

test('a route is refreshed once, however many ask for it', async () => {
  const { cache, moveOn } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache(OPTIONS), (c) => c.text(`run ${++runs}`))
  const url = await listen(app)
  await hit(`${url}/`)
  moveOn(120_000)
  await Promise.all(Array.from({ length: 20 }, () => ask(`${url}/`)))
  await expect.poll(async () => (await ask(`${url}/`)).body, { interval: 5 }).toBe('run 2')
  expect(runs).toBe(2)
})

for (const [what, fail, answer] of [
  ['does not find it any more', (c: Context) => c.notFound(), 'no such page'],
  [
    'throws that it is gone',
    () => {
      throw new HTTPException(410)
    },
    'error 410',
  ],
] as const) {
  test(`when the handler of a refresh ${what}, the next client gets what the app says to that`, async () => {
    const { cache, moveOn } = openShop()
    let isThere = true
    const app = new Hono()
    app.notFound((c) => c.text('no such page', 404))
    app.onError((error, c) => c.text(`error ${(error as HTTPException).status}`, 410))
    app.get('/', cache(OPTIONS), (c) => (isThere ? c.text('there') : fail(c)))
    const url = await listen(app)
    await hit(`${url}/`)
    isThere = false
    moveOn(120_000)
    expect((await ask(`${url}/`)).body).toBe('there')
    await expect.poll(async () => (await ask(`${url}/`)).body, { interval: 5 }).toBe(answer)
  })
}

test('a refresh that fails leaves the stale response', async () => {
  const { cache, moveOn } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache(OPTIONS), (c) => {
    if (++runs > 1) throw new TypeError('broken')
    return c.text('fine')
  })
  const url = await listen(app)
  await hit(`${url}/`)
  moveOn(120_000)
  expect((await ask(`${url}/`)).body).toBe('fine')
  await expect.poll(() => runs, { interval: 5 }).toBe(2)
  expect((await ask(`${url}/`)).body).toBe('fine')
})

test.each(['by an answer', 'by an error'])(
  'what a guard refuses to refresh %s is made anew for the next client whom it lets through, and for no other',
  async (how) => {
    const { cache, moveOn } = openShop()
    let runs = 0
    let refused = 0
    const app = new Hono()
    app.use(async (c, next) => {
      if (c.req.header('cookie') !== undefined) return next()
      refused++
      if (how === 'by an error') throw new Error('who are you?')
      return c.text('who are you?', 500)
    })
    app.get('/', cache({ ...OPTIONS, cookies: 'ignore' }), (c) => c.text(`guarded, run ${++runs}`))
    const url = await listen(app)
    const asAlice = { headers: { Cookie: 'user=alice' } }
    await hit(`${url}/`, asAlice)
    moveOn(120_000)
    expect((await ask(`${url}/`, asAlice)).body).toBe('guarded, run 1')
    await expect.poll(() => refused, { interval: 5 }).toBe(1)
    await expect.poll(async () => (await ask(`${url}/`, asAlice)).body, { interval: 5 }).toBe('guarded, run 2')
    expect((await ask(`${url}/`)).status).toBe(500)
  },
)
