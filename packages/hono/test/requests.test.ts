import { Hono } from 'hono'
import { expect, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, listen, openShop } from './shop.ts'

const TEXT = 'Nobody gets only a part of it.'

test('the handler never sees what only this client asks for, and who comes after it does', async () => {
  const { cache } = openShop()
  const seen: unknown[] = []
  const outside: unknown[] = []
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    outside.push(c.req.header('range'))
  })
  app.get('/', cache({ inputs: 'off' }), (c) => {
    seen.push(Object.keys(c.req.header()).filter((name) => /^(?:if-|range)/.test(name)))
    return c.text(TEXT, 200, { ETag: '"a"' })
  })
  const url = await listen(app)
  const { status, body, header } = await ask(`${url}/`, {
    headers: { Range: 'bytes=0-5', 'If-Range': '"a"', 'If-None-Match': '"b"', 'If-Modified-Since': 'x' },
  })
  expect([status, body, header('content-range')]).toEqual([206, 'Nobody', `bytes 0-5/${TEXT.length}`])
  expect(seen).toEqual([[]])
  expect(outside).toEqual(['bytes=0-5'])
  expect((await hit(`${url}/`)).body).toBe(TEXT)
})

test('conditions and ranges are answered from what is stored', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache(), (c) => c.text(TEXT))
  const url = await listen(app)
  const etag = (await hit(`${url}/`)).header('etag')
  const same = await ask(`${url}/`, { headers: { 'If-None-Match': etag } })
  expect([same.status, same.body, same.header('etag'), same.header('content-type')]).toEqual([304, '', etag, ''])
  const part = await ask(`${url}/`, { headers: { Range: 'bytes=-3' } })
  expect([part.status, part.body, part.header('content-length')]).toEqual([206, 'it.', '3'])
  const beyond = await ask(`${url}/`, { headers: { Range: 'bytes=99-' } })
  expect([beyond.status, beyond.header('content-range')]).toEqual([416, `bytes */${TEXT.length}`])
})

test('HEAD makes no entry, and is answered from one of GET with its length', async () => {
  const { cache } = openShop()
  let runs = 0
  const app = new Hono().get('/', cache(), (c) => {
    runs++
    return c.text(c.req.method === 'HEAD' ? '' : TEXT)
  })
  const url = await listen(app)
  const head = () => ask(`${url}/`, { method: 'HEAD' })
  for (const { status, body } of [await head(), await head()]) expect([status, body]).toEqual([200, ''])
  expect(runs).toBe(2)
  expect((await hit(`${url}/`)).body).toBe(TEXT)
  const { body, header } = await head()
  expect([body, header('content-length'), header('cache-status')]).toEqual([
    '',
    `${TEXT.length}`,
    'shelflife;hit;ttl=60',
  ])
  expect(runs).toBe(3)
})

test('who is known gets the answer of the handler, and nobody else gets it', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache({ inputs: 'off' }), (c) =>
    c.text(`hello ${c.req.header('authorization') ?? c.req.header('cookie') ?? 'nobody'}`),
  )
  const url = await listen(app)
  const greet = async (headers = {}) => (await ask(`${url}/`, { headers })).body
  expect(await greet({ Cookie: 'a=1' })).toBe('hello a=1')
  expect(await greet({ Authorization: 'Bearer a' })).toBe('hello Bearer a')
  expect((await hit(`${url}/`)).body).toBe('hello nobody')
  expect(await greet({ Cookie: 'a=1' })).toBe('hello a=1')
  expect(await greet({ Authorization: 'Bearer a' })).toBe('hello Bearer a')
})

test('a header that the handler reads without declaring it is reported, however it is read', async () => {
  const reported: string[] = []
  const { cache } = openShop({ onUnkeyedInput: ({ name, path }) => void reported.push(`${name} of ${path}`) })
  const app = new Hono()
  app.get('/one', cache({ inputs: 'strict' }), (c) => c.text(`hello ${c.req.header('X-Forwarded-Host')}`))
  app.get('/all', cache({ inputs: 'strict' }), (c) => c.json(c.req.header()))
  app.get('/raw', cache({ inputs: 'strict' }), (c) => c.json([...c.req.raw.headers]))
  app.get('/declared', cache({ inputs: 'strict', headers: ['x-own'] }), (c) => c.text(`${c.req.header('x-own')}`))
  const url = await listen(app)
  for (const path of ['/one', '/all', '/raw']) {
    const answers = ['a', 'b'].map((name) => ask(url + path, { headers: { 'X-Forwarded-Host': name } }))
    for (const [i, { body }] of (await Promise.all(answers)).entries()) expect(body).toContain('ab'[i])
    expect(reported).toContain(`x-forwarded-host of ${path}`)
  }
  for (const value of ['a', 'b'])
    expect((await hit(`${url}/declared`, { headers: { 'X-Own': value } })).body).toBe(value)
})

test('a copy of the request tells no handler, nor an application that it calls, what a proxy says of one client', async () => {
  const { cache } = openShop()
  const inner = new Hono({ getPath: (request) => `/${request.headers.get('x-forwarded-host') ?? 'nobody'}` })
  inner.get('/:host', (c) => c.text(`shop of ${c.req.param('host')}`))
  const app = new Hono().use(cache({ ttl: '1m', inputs: 'strict' }))
  app.get('/copied', (c) => c.text(`shop of ${new Request(c.req.raw).headers.get('x-forwarded-host') ?? 'nobody'}`))
  app.mount('/replaced', inner.fetch, { replaceRequest: (request) => new Request(request) })
  app.mount('/mounted', inner.fetch)
  const url = await listen(app)
  const shopOf = async (path: string, name: string) =>
    (await ask(url + path, { headers: { 'X-Forwarded-Host': name } })).body
  for (const name of ['a.test', 'b.test']) {
    expect(await shopOf('/copied', name)).toBe('shop of nobody')
    expect(await shopOf('/replaced', name)).toBe('shop of nobody')
    expect(await shopOf('/mounted', name)).toBe(`shop of ${name}`)
  }
})

test('hosts, and what follows a fragment, are told apart', async () => {
  const { cache } = openShop()
  const app = new Hono().get('/', cache({ inputs: 'off' }), (c) => c.text(c.req.url))
  const url = await listen(app)
  for (const Host of ['a.test', 'b.test']) {
    expect((await hit(`${url}/`, { headers: { Host } })).body).toBe(`http://${Host}/`)
  }
  expect((await ask(`${url}/#?a=1`, { headers: { Host: 'a.test' } })).body).toBe('http://a.test/#?a=1')
  expect((await ask(`${url}/`, { headers: { Host: 'a.test' } })).body).toBe('http://a.test/')
})
