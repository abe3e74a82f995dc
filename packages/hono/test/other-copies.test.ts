import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

import { createAdaptorServer } from '@hono/node-server'
import type { Context } from 'hono'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'

import { ask } from './serve-app.ts'
import { hit, openShop } from './shop.ts'

const { Hono: OtherHono } = createRequire(import.meta.url)('hono') as { Hono: typeof Hono }

/** Serves with a class of requests that is not the one of the runtime. */
async function listenBeside(app: Hono): Promise<string> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a server that leaves the classes of the runtime alone works like any other', async () => {
  const { cache, moveOn } = openShop()
  let runs = 0
  const app = new Hono()
  app.get('/', cache({ ttl: '1m', staleWhileRevalidate: '1h' }), (c) => c.text(`run ${++runs} of ${c.req.path}`))
  app.post('/', cache(), async (c) => c.text(await c.req.text()))
  const url = await listenBeside(app)
  expect((await hit(`${url}/`)).body).toBe('run 1 of /')
  expect((await ask(`${url}/`, { headers: { Range: 'bytes=0-2' } })).body).toBe('run')
  moveOn(120_000)
  expect((await ask(`${url}/`)).body).toBe('run 1 of /')
  await expect.poll(async () => (await ask(`${url}/`)).body, { interval: 5 }).toBe('run 2 of /')
  expect((await ask(`${url}/`, { method: 'POST', body: 'sent' })).body).toBe('sent')
})

test('what a runtime puts on a request is there for the handler, and counts', async () => {
  const noted: string[] = []
  const { cache } = openShop({ onUnkeyedInput: ({ name }) => void noted.push(name) })
  const countryOf = (c: Context): string => (c.req.raw as Request & { cf: { country: string } }).cf.country
  const app = new Hono()
  app.get('/all', cache({ ttl: '1m' }), (c) => c.text('for all'))
  app.get('/country', cache({ ttl: '1m' }), (c) => c.text(`for ${countryOf(c)}`))
  const read = async (path: string, country: string): Promise<string> => {
    const request = Object.assign(new Request(`http://a.test${path}`), { cf: { country } })
    const response = await app.fetch(request)
    return response.text()
  }
  for (const country of ['DE', 'FR']) {
    expect(await read('/country', country)).toBe(`for ${country}`)
    expect(await read('/all', country)).toBe('for all')
  }
  expect(noted).toEqual(['c.req.raw.cf'])
})

test('an app of another copy of Hono is refreshed as well', async () => {
  expect(OtherHono).not.toBe(Hono)
  const { cache, moveOn } = openShop()
  let runs = 0
  const app = new OtherHono()
  app.get('/:id', cache({ ttl: '1m', staleWhileRevalidate: '1h' }), (c) =>
    c.text(`run ${++runs}, ${c.req.param('id')}`),
  )
  const url = await listenBeside(app)
  await hit(`${url}/a%252Fb`)
  moveOn(120_000)
  expect((await ask(`${url}/a%252Fb`)).header('cache-status')).toContain('detail=stale')
  await expect.poll(async () => (await ask(`${url}/a%252Fb`)).body, { interval: 5 }).toBe('run 2, a%2Fb')
})

test('where nothing tells what was matched, nothing is refreshed, and what is stale is made anew', async () => {
  const { cache, moveOn } = openShop()
  let runs = 0
  const app = new Hono()
  app.use(async (c, next) => {
    Object.defineProperty(c.req, 'matchedRoutes', { value: undefined, configurable: true })
    await next()
  })
  app.get('/', cache({ ttl: '1m', staleWhileRevalidate: '1h', staleIfError: 0 }), (c) => c.text(`run ${++runs}`))
  const url = await listenBeside(app)
  await hit(`${url}/`)
  moveOn(120_000)
  expect((await ask(`${url}/`)).body).toBe('run 2')
})
