import { ShelflifeError } from '@shelflife/core'
import { expect, test } from 'vitest'

import { serve } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0, staleIfError: 0 } as const
const BODILESS = new Set([204, 205])

const answering = (status: number) => (_request: Request, run: number) =>
  new Response(BODILESS.has(status) ? null : `run ${run}`, { status, headers: { location: '/there' } })

test.each([200, 203, 300, 301, 308, 404, 410])('RFC 9111 §3: a %i is stored', async (status) => {
  const { ask, requests } = serve(answering(status), TTL)
  await ask('/x')
  const { status: again, text, headers, cacheStatus } = await ask('/x')
  expect([again, text, headers.get('location')]).toEqual([status, 'run 1', '/there'])
  expect(cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(1)
})

test.each([201, 202, 204, 205, 302, 303, 307, 400, 401, 403, 405, 412, 422, 429, 500, 501, 502, 503, 504])(
  'a %i is stored on request only',
  async (status) => {
    const refused = serve(answering(status), TTL)
    await refused.ask('/x')
    const again = await refused.ask('/x')
    expect(again.status).toBe(status)
    expect(refused.requests).toHaveLength(2)
    const stored = serve(answering(status), { ...TTL, statuses: [status] })
    await stored.ask('/x')
    expect(await stored.ask('/x')).toMatchObject({ status, cacheStatus: expect.stringMatching(/^hit/) })
    expect(stored.requests).toHaveLength(1)
  },
)

test('RFC 9110 §8.6: a 204 has no Content-Length, when it is made and when it is stored', async () => {
  const { ask } = serve(answering(204), { ...TTL, statuses: [204] })
  for (const _ of ['miss', 'hit']) expect((await ask('/x')).headers.has('content-length')).toBe(false)
})

test('RFC 9111 §4.2.1: a response that says for how long is stored for that long, if its status may be stored at all', async () => {
  const { ask, pass, requests } = serve(
    () => new Response('gone', { status: 410, headers: { 'cache-control': 'max-age=100' } }),
    { ...TTL, negativeTtl: '5s' },
  )
  await ask('/x')
  await pass(99_000)
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(1)
})

test.each([404, 410])('a %i has a short lifetime of its own', async (status) => {
  const { ask, pass, requests } = serve(answering(status), TTL)
  await ask('/x')
  await pass(9000)
  expect((await ask('/x')).cacheStatus).toBe('hit;ttl=1')
  await pass(2000)
  expect((await ask('/x')).text).toBe('run 2')
  expect(requests).toHaveLength(2)
})

test('`negativeTtl` is how long a 404 is kept', async () => {
  const { ask, pass } = serve(answering(404), { ...TTL, negativeTtl: '30s' })
  await ask('/x')
  await pass(29_000)
  expect((await ask('/x')).cacheStatus).toBe('hit;ttl=1')
})

test('a 404 in the place of what is stored is the answer from then on', async () => {
  const { ask, pass } = serve((_request, run) => new Response(`run ${run}`, { status: run === 1 ? 200 : 404 }), TTL)
  await ask('/x')
  await pass(61_000)
  expect((await ask('/x')).status).toBe(404)
  expect(await ask('/x')).toMatchObject({ status: 404, text: 'run 2' })
})

test.each([
  [{ statuses: [206] }],
  [{ statuses: [304] }],
  [{ statuses: [103] }],
  [{ statuses: [600] }],
  [{ maxBodySize: 0 }],
  [{ maxVariants: 1.5 }],
  [{ name: '' }],
  [{ name: 'with space' }],
  [{ profile: 'fast' as never }],
  [{ targets: ['not a name'] }],
  [{ headers: ['not a name'] }],
  [{ unkeyed: ['a:b'] }],
  [{ cookies: { vary: ['a b'] } }],
  [{ cookies: 'all' as never }],
  [{ setCookie: 'keep' as never }],
  [{ inputs: 'loud' as never }],
  [{ ttl: 0 }],
  [{ negativeTtl: 0 }],
  [{ ttl: '5 parsecs' as never }],
  [{ maxFillTime: -1 }],
  [{ tier: 'no-tier' as never }],
])('%j is refused when the route is made', (options) => {
  let error: unknown
  try {
    serve(() => new Response(''), options as never)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ShelflifeError)
  expect((error as ShelflifeError).code).toMatch(/^invalid-/)
})
