import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { ORIGIN, serve, settled } from './serve.ts'

const SWR = { ttl: '10s', staleWhileRevalidate: '1m' } as const
const SIE = { ttl: '10s', staleWhileRevalidate: 0, staleIfError: '1m' } as const

const numbered: Handler = (_request, run) => new Response(`run ${run}`)

test('RFC 5861 §3: a stale response is served inside its window while exactly one refresh runs', async () => {
  const { ask, pass, requests } = serve(numbered, SWR)
  await ask('/x')
  await pass(15_000)
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/x')))
  for (const { text, cacheStatus } of answers) {
    expect(text).toBe('run 1')
    expect(cacheStatus).toBe('hit;ttl=-5;detail=stale')
  }
  await settled()
  expect(requests).toHaveLength(2)
  expect((await ask('/x')).text).toBe('run 2')
  expect(requests).toHaveLength(2)
})

test('RFC 9111 §5.5: a stale response has its age and no Warning', async () => {
  const { ask, pass } = serve(numbered, SWR)
  await ask('/x')
  await pass(15_000)
  const { headers, text } = await ask('/x')
  expect([text, headers.get('age'), headers.has('warning')]).toEqual(['run 1', '15', false])
})

test('a handler that takes longer than the ttl is not waited for each time', async () => {
  const slow: Handler = async (_request, run) => {
    await pass(12_000)
    return new Response(`run ${run}`)
  }
  const { ask, pass, requests } = serve(slow, SWR)
  expect((await ask('/x')).cacheStatus).toContain('stored')
  await pass(1)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  expect(requests).toHaveLength(2)
})

test('RFC 5861 §3: behind the window the handler is waited for', async () => {
  const { ask, pass } = serve(numbered, SWR)
  await ask('/x')
  await pass(69_999)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  await pass(70_001)
  const { text, cacheStatus } = await ask('/x')
  expect(text).toBe('run 3')
  expect(cacheStatus).toContain('fwd=')
})

test('a refresh is nobody’s: it carries no credentials and no condition of the client that caused it', async () => {
  const { ask, pass, requests } = serve(
    (request) =>
      new Response(`hello ${request.headers.get('cookie')}`, {
        headers: { 'cache-control': 'max-age=10, stale-while-revalidate=60' },
      }),
    { ttl: '1m', cookies: 'ignore' },
  )
  await ask('/x')
  await pass(15_000)
  const headers = { cookie: 'user=alice', 'proxy-authorization': 'Basic x', range: 'bytes=0-2', 'x-request-id': '7' }
  await ask('/x', headers)
  await settled()
  expect(requests).toHaveLength(2)
  const sent = [...requests[1]!.headers.keys()]
  expect(sent).toEqual([])
  expect((await ask('/x')).text).toBe('hello null')
})

test('a refresh whose handler fails leaves the stale response in place for its window', async () => {
  for (const failure of ['throw', 500, 502, 503, 504]) {
    const { ask, pass } = serve(
      (_request, run) => {
        if (run === 1) return new Response('good')
        if (failure === 'throw') throw new Error('failed')
        return new Response('bad', { status: failure as number })
      },
      { ttl: '10s', staleWhileRevalidate: '1m' },
    )
    await ask('/x')
    await pass(15_000)
    expect((await ask('/x')).text).toBe('good')
    await settled()
    expect((await ask('/x')).text).toBe('good')
  }
})

test.each([
  ['no-store', { 'cache-control': 'no-store' }],
  ['private', { 'cache-control': 'private' }],
  ['Set-Cookie', { 'set-cookie': 'a=1' }],
  ['Vary: *', { vary: '*' }],
])('a refresh that is answered with %s removes the old response', async (_what, headers) => {
  const { ask, pass } = serve((_request, run) => new Response(`run ${run}`, { headers: run === 1 ? {} : headers }), SWR)
  await ask('/x')
  await pass(15_000)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  expect((await ask('/x')).text).toBe('run 3')
  expect((await ask('/x')).text).toBe('run 4')
})

test.each(['throw', 500, 502, 503, 504])(
  'RFC 5861 §4: where the handler fails with %s, a stale response is served',
  async (failure) => {
    const { ask, pass, requests } = serve((_request, run) => {
      if (run === 1) return new Response('good')
      if (failure === 'throw') throw new Error('failed')
      return new Response('bad', { status: failure as number })
    }, SIE)
    await ask('/x')
    await pass(15_000)
    const answers = await Promise.all([ask('/x'), ask('/x'), ask('/x')])
    for (const { text, status, cacheStatus } of answers) {
      expect([status, text]).toEqual([200, 'good'])
      expect(cacheStatus).toContain('detail=stale')
    }
    expect(requests.length).toBeGreaterThan(1)
  },
)

test.each([400, 401, 403, 404, 410, 501])('RFC 5861 §4: a %i is no failure: it is the answer', async (status) => {
  const { ask, pass } = serve((_request, run) => new Response(`run ${run}`, { status: run === 1 ? 200 : status }), SIE)
  await ask('/x')
  await pass(15_000)
  expect(await ask('/x')).toMatchObject({ status, text: 'run 2' })
})

test('RFC 5861 §4: behind the window a failure is what it is', async () => {
  const { ask, pass, fetch } = serve((_request, run) => {
    if (run === 1) return new Response('good')
    if (run === 2) return new Response('bad', { status: 503 })
    throw new Error('failed')
  }, SIE)
  await ask('/x')
  await pass(71_000)
  expect(await ask('/x')).toMatchObject({ status: 503, text: 'bad' })
  await expect(fetch(new Request(`${ORIGIN}/x`))).rejects.toThrow('failed')
})

test.each([
  'max-age=10, must-revalidate',
  'max-age=10, proxy-revalidate',
  's-maxage=10',
  'max-age=10, stale-if-error=60, must-revalidate',
])('RFC 9111 §4.2.4: a failure is never hidden behind a stale response with %s', async (control) => {
  const { ask, pass } = serve(
    (_request, run) =>
      run === 1
        ? new Response('good', { headers: { 'cache-control': control } })
        : new Response('bad', { status: 503 }),
    SIE,
  )
  await ask('/x')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  await pass(15_000)
  expect(await ask('/x')).toMatchObject({ status: 503, text: 'bad' })
})

test('a handler that hangs is one that fails: after the time that a fill may take, a stale response is served', async () => {
  const { ask, pass } = serve((_request, run) => (run === 1 ? new Response('good') : new Promise(() => {})), {
    ...SIE,
    maxFillTime: '5s',
  })
  await ask('/x')
  await pass(15_000)
  const asked = ask('/x')
  await settled()
  await pass(5001)
  expect((await asked).text).toBe('good')
})

test('RFC 5861 §3: windows that the response states are those that count', async () => {
  const { ask, pass } = serve(
    (_request, run) =>
      new Response(`run ${run}`, { headers: { 'cache-control': 'max-age=10, stale-while-revalidate=5' } }),
    { ttl: '1h', staleWhileRevalidate: '1h' },
  )
  await ask('/x')
  await pass(14_000)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  await pass(16_000)
  expect((await ask('/x')).text).toBe('run 3')
})

test('RFC 9111 §4.2.3: what is refreshed has the age of the refresh', async () => {
  const { ask, pass } = serve(numbered, SWR)
  expect((await ask('/x')).headers.get('age')).toBeNull()
  await pass(15_000)
  expect((await ask('/x')).headers.get('age')).toBe('15')
  await settled()
  await pass(3000)
  const refreshed = await ask('/x')
  expect(refreshed.text).toBe('run 2')
  expect(refreshed.headers.get('age')).toBe('3')
  expect(refreshed.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:15 GMT')
})

test('what is expired by tag is served while one refresh runs, and called stale', async () => {
  const { ask, cache, requests } = serve(numbered, { ...SWR, tags: ['thing'] })
  await ask('/x')
  await cache.expireTags(['thing'])
  const [first] = await Promise.all([ask('/x'), ask('/x')])
  expect([first.text, first.cacheStatus]).toEqual(['run 1', 'hit;ttl=10;detail=stale'])
  await settled()
  expect((await ask('/x')).text).toBe('run 2')
  expect(requests).toHaveLength(2)
})

test('what is expired by tag hides no failure that it may not hide', async () => {
  const { ask, cache } = serve(
    (_request, run) =>
      run === 1 ? new Response('good', { headers: { etag: '"one"' } }) : new Response('bad', { status: 503 }),
    { ttl: '10s', staleWhileRevalidate: 0, staleIfError: 0, tags: ['thing'] },
  )
  await ask('/x')
  await cache.expireTags(['thing'])
  expect(await ask('/x')).toMatchObject({ status: 503, text: 'bad' })
})
