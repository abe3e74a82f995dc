import { expect, test, vi } from 'vitest'

import type { Handler } from './serve.ts'
import { serve, settled } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0 } as const

/** Reads with GET; writes with the status and the headers that are asked for. */
const resource =
  (status: number, headers: Record<string, string> = {}): Handler =>
  ({ method }, run) =>
    method === 'GET' ? new Response(`run ${run}`) : new Response(null, { status, headers })

const isHit = expect.stringMatching(/^hit/)
const isMiss = expect.stringMatching(/^fwd=/)

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'MERGE'])(
  'RFC 9111 §4.4: after success of %s its target is read anew',
  async (method) => {
    const { ask } = serve(resource(204), TTL)
    for (const target of ['/x', '/x?page=2', '/y']) await ask(target)
    const write = await ask('/x', {}, { method })
    expect(write.cacheStatus).toBe('fwd=method')
    expect((await ask('/x')).cacheStatus).toEqual(isMiss)
    expect((await ask('/y')).cacheStatus).toEqual(isHit)
  },
)

test.each([200, 201, 202, 204, 301, 303])('RFC 9111 §4.4: a %i to an unsafe method is success', async (status) => {
  const { ask } = serve(resource(status), TTL)
  await ask('/x')
  await ask('/x', {}, { method: 'POST' })
  expect((await ask('/x')).cacheStatus).toEqual(isMiss)
})

test.each([400, 401, 403, 404, 409, 412, 500, 503])(
  'RFC 9111 §4.4: a %i to an unsafe method changes nothing',
  async (status) => {
    const { ask } = serve(resource(status, { location: '/y' }), TTL)
    for (const target of ['/x', '/y']) await ask(target)
    await ask('/x', {}, { method: 'POST' })
    for (const target of ['/x', '/y']) expect((await ask(target)).cacheStatus).toEqual(isHit)
  },
)

test.each(['OPTIONS', 'HEAD'])('RFC 9110 §9.2.1: %s changes nothing', async (method) => {
  const { ask } = serve(resource(200), TTL)
  await ask('/x')
  await ask('/x', {}, { method })
  expect((await ask('/x')).cacheStatus).toEqual(isHit)
})

test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('RFC 9110 §9.2.1: %s invalidates no tags either', async (method) => {
  const { ask, responses } = serve(resource(200), { ...TTL, tags: ['x'] })
  await ask('/x')
  const tags = vi.fn(() => ['x'])
  const incoming = { method, scheme: 'http', authority: 'a.test', target: '/x', header: () => undefined }
  await responses.invalidate({ incoming, status: 200, headers: [], tags })
  expect(tags).not.toHaveBeenCalled()
  expect((await ask('/x')).cacheStatus).toEqual(isHit)
})

test.each(['location', 'content-location'])(
  'RFC 9111 §4.4: what %s names on the same origin is read anew',
  async (name) => {
    for (const [value, expected] of [
      ['/y', isMiss],
      ['y', isMiss],
      ['http://a.test/y', isMiss],
      ['http://evil.test/y', isHit],
      ['https://a.test/y', isHit],
      ['http://a.test:8080/y', isHit],
      ['//evil.test/y', isHit],
      ['http://[', isHit],
    ] as const) {
      const { ask } = serve(resource(201, { [name]: value }), TTL)
      await ask('/y')
      await ask('/x', {}, { method: 'POST' })
      expect((await ask('/y')).cacheStatus, value).toEqual(expected)
    }
  },
)

test('a write reaches its target whatever else is part of the key', async () => {
  for (const [options, headers] of [
    [{ headers: ['x-tenant'] }, { 'x-tenant': 'a' }],
    [{ cookies: { vary: ['lang'] } }, { cookie: 'lang=de' }],
    [{ query: { ignore: ['utm'] } }, {}],
  ] as [object, Record<string, string>][]) {
    const { ask } = serve(resource(204), { ...TTL, ...options })
    await ask('/x?utm=1', headers)
    expect((await ask('/x?utm=1', headers)).cacheStatus).toEqual(isHit)
    await ask('/x', {}, { method: 'POST' })
    expect((await ask('/x?utm=1', headers)).cacheStatus, JSON.stringify(options)).toEqual(isMiss)
  }
})

test('RFC 9875 §3: groups of responses are invalidated together, on their own origin only', async () => {
  const { ask, fetch } = serve(
    (request) =>
      request.method === 'GET'
        ? new Response('x', { headers: { 'cache-groups': '"news", "all"' } })
        : new Response(null, { status: 204, headers: { 'cache-group-invalidation': '"news"' } }),
    TTL,
  )
  await ask('/x')
  await fetch(new Request('http://b.test/write', { method: 'POST' }))
  expect((await ask('/x')).cacheStatus).toEqual(isHit)
  await ask('/write', {}, { method: 'POST' })
  expect((await ask('/x')).cacheStatus).toEqual(isMiss)
  await ask('/write')
  expect((await ask('/x')).cacheStatus).toEqual(isHit)
})

test.each(['a tag', 'everything', 'the URI'])('an invalidation of %s during a fill wins', async (what) => {
  let version = 1
  const ends: (() => void)[] = []
  const { ask, cache } = serve(
    async ({ method }) => {
      if (method !== 'GET') return new Response(null, { status: 204 })
      const read = version
      await new Promise<void>((resolve) => void ends.push(resolve))
      return new Response(`version ${read}`)
    },
    { ...TTL, tags: ['thing'] },
  )
  const early = ask('/x')
  await settled()
  version = 2
  if (what === 'a tag') await cache.invalidateTags(['thing'])
  else if (what === 'everything') await cache.clear()
  else await ask('/x', {}, { method: 'POST' })
  const late = [ask('/x'), ask('/x')]
  await settled()
  ends[0]!()
  expect((await early).text).toBe('version 1')
  expect(ends).toHaveLength(2)
  ends[1]!()
  for (const { text } of [...(await Promise.all(late)), await ask('/x')]) expect(text).toBe('version 2')
  expect(ends).toHaveLength(2)
})

test('one invalidation reaches values and responses alike', async () => {
  let price = 1
  const { ask, cache } = serve(async () => new Response(`costs ${await getPrice()}`), { ...TTL, tags: ['price'] })
  const getPrice = cache.cached(() => price, { name: 'price', tags: () => ['price'] })
  expect((await ask('/x')).text).toBe('costs 1')
  price = 2
  expect((await ask('/x')).text).toBe('costs 1')
  await cache.invalidateTags(['price'])
  expect((await ask('/x')).text).toBe('costs 2')
  expect(await getPrice()).toBe(2)
})

test('clear reaches responses', async () => {
  const { ask, cache } = serve(resource(204), TTL)
  await ask('/x')
  await cache.clear()
  expect((await ask('/x')).cacheStatus).toEqual(isMiss)
})
