import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, test, vi } from 'vitest'

import { cacheAdmin, cachedFetch, createResponseCache, prometheusText, responseCounts } from '../src/index.ts'
import { ORIGIN, settled } from './serve.ts'

function openRoutes() {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', clock, store: memoryStore({ clock }) })
  const responses = createResponseCache({ cache, onUnkeyedInput() {} })
  const ttl = { ttl: '1m', staleWhileRevalidate: '1h' } as const
  const list = cachedFetch(responses, { ...ttl, name: 'list', tags: ['list'] }, () => new Response('list'))
  const page = cachedFetch(responses, { ...ttl, name: 'page' }, (request) => {
    if (request.method !== 'GET') return new Response(null, { status: 204 })
    return new Response('page', { headers: request.url.endsWith('private') ? { 'cache-control': 'private' } : {} })
  })
  const ask = async (fetch: typeof list, path: string, init: RequestInit = {}) => {
    await (await fetch(new Request(`${ORIGIN}${path}`, init))).text()
    await settled()
  }
  return { cache, clock, list, page, ask }
}

const rowsOf = (cache: object) =>
  responseCounts(cache).map(({ route, outcome, detail, count }) => `${route} ${outcome} ${detail} ${count}`)

test('each route is counted under its own name, by what answered and why not the store', async () => {
  const { cache, clock, list, page, ask } = openRoutes()
  for (const _ of [1, 2, 3]) await ask(list, '/list')
  clock.advance(120_000)
  await ask(list, '/list')
  await Promise.all([1, 2].map(() => ask(list, '/other')))
  await ask(page, '/x', { headers: { authorization: 'Bearer a' } })
  await ask(page, '/x', { headers: { cookie: 'a=b' } })
  await ask(page, '/private')
  await ask(page, '/x', { method: 'PUT' })
  expect(rowsOf(cache)).toEqual([
    'list hit  2',
    'list stored uri-miss 2',
    'list stale  1',
    'list collapsed miss 1',
    'page hit  0',
    'page passed authorization 1',
    'page passed cookie 1',
    'page passed private 1',
    'page passed method 1',
  ])
})

test('handlers that failed are counted as such, with the status where they gave one', async () => {
  const { cache: shop, clock, ask } = openRoutes()
  const cache = shop.namespace('failing')
  const responses = createResponseCache({ cache })
  let status = 200
  const handler = () => {
    if (status === 0) throw new Error('failed')
    return new Response('x', { status })
  }
  const fetch = cachedFetch(responses, { ttl: '1m', staleIfError: '1h', staleWhileRevalidate: 0 }, handler)
  for (status of [0, 500, 503, 404]) await ask(fetch, `/${status}`).catch(() => {})
  await ask(fetch, '/x', { headers: { authorization: 'Bearer a' } })
  status = 200
  await ask(fetch, '/kept')
  clock.advance(120_000)
  status = 500
  await ask(fetch, '/kept')
  expect(rowsOf(cache)).toEqual([
    'response hit  0',
    'response failed  1',
    'response failed 500 1',
    'response failed 503 1',
    'response stored uri-miss 2',
    'response passed authorization 1',
    // what was stored did instead
    'response stale  1',
  ])
})

test('a client that wants nothing but what is stored is counted where nothing is', async () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const responses = createResponseCache({ cache, profile: 'rfc9111' })
  const fetch = cachedFetch(responses, {}, () => new Response('x'))
  const asked = new Request(ORIGIN, { headers: { 'cache-control': 'only-if-cached' } })
  expect((await fetch(asked)).status).toBe(504)
  expect(rowsOf(cache)).toEqual(['response hit  0', 'response passed only-if-cached 1'])
})

test('another copy of the package tells the same counts', async () => {
  const { cache, list, ask } = openRoutes()
  await ask(list, '/list')
  vi.resetModules()
  const other = await import('../src/index.ts')
  expect(other.responseCounts).not.toBe(responseCounts)
  expect(other.responseCounts(cache)).toEqual(responseCounts(cache))
})

test('the admin and the metrics of a cache show them, with its namespace', async () => {
  const { cache, list, ask } = openRoutes()
  for (const _ of [1, 2]) await ask(list, '/list')
  const admin = cacheAdmin({ cache, authorize: () => ({ actor: 'me' }) })
  const read = async (route: string) => (await admin(new Request(`${ORIGIN}/admin/${route}`))).text()
  expect(JSON.parse(await read('stats'))).toMatchObject({
    responses: expect.arrayContaining([
      { route: 'list', outcome: 'stored', detail: 'uri-miss', count: 1 },
      { route: 'list', outcome: 'hit', detail: '', count: 1 },
    ]),
  })
  const metrics = await read('metrics')
  expect(metrics).toContain('shelflife_responses_total{namespace="shop",route="list",outcome="hit",detail=""} 1\n')
  expect(metrics).toContain('shelflife_hits_total{namespace="shop",name="response"} 1\n')
  expect(metrics.match(/^shelflife_.*$/gm)!.every((line) => line.includes('{namespace="shop"'))).toBe(true)
})

test('what befell the cache is there, too', () => {
  const cache = createCache({ namespace: 'shop', store: createReferenceServer().connect() })
  const own = cache.stats()
  const stats = { ...own, events: { ...own.events, corrupt: 2 } }
  const text = prometheusText({ stats, health: cache.health() })
  expect(text).toContain('# TYPE shelflife_events_total counter\n')
  expect(text).toContain('shelflife_events_total{event="corrupt"} 2\n')
  expect(text).toContain('shelflife_events_total{event="gap"} 0\n')
})

test.each([[''], ['x'.repeat(129)], [1]])('the name %j is refused', (name) => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  expect(() => createResponseCache({ cache }).route({ name: name as string })).toThrow('name must be')
})
