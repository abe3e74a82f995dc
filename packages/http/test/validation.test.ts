import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { askDeciding, ORIGIN, serve, settled } from './serve.ts'

const TTL = { ttl: '10s', staleWhileRevalidate: 0, staleIfError: 0 } as const

/** A handler that knows its own validators. */
const validating =
  (first: Record<string, string>, confirmation: Record<string, string> = first): Handler =>
  (request, run) => {
    const { headers } = request
    const isAsked = headers.has('if-none-match') || headers.has('if-modified-since')
    return isAsked && run > 1
      ? new Response(null, { status: 304, headers: confirmation })
      : new Response(`run ${run}`, { headers: first })
  }

test('RFC 9111 §4.3.1: a stale response is validated with the validators of the handler, and a 304 makes it fresh', async () => {
  const { ask, pass, requests } = serve(
    validating({ etag: '"one"', 'last-modified': 'Mon, 31 Dec 2029 00:00:00 GMT' }, { etag: '"one"' }),
    TTL,
  )
  await ask('/x')
  await pass(15_000)
  const { status, text, cacheStatus } = await ask('/x')
  expect(requests[1]!.headers.get('if-none-match')).toBe('"one"')
  expect(requests[1]!.headers.get('if-modified-since')).toBe('Mon, 31 Dec 2029 00:00:00 GMT')
  expect([status, text]).toEqual([200, 'run 1'])
  expect(cacheStatus).toContain('fwd=stale;fwd-status=304;stored')
  expect((await ask('/x')).cacheStatus).toBe('hit;ttl=10')
  expect(requests).toHaveLength(2)
})

test('RFC 9111 §3.2: a 304 brings headers up to date and leaves those of the body alone', async () => {
  const { ask, pass } = serve(
    validating(
      { etag: '"one"', 'content-type': 'text/a', 'x-version': '1', 'x-kept': 'kept' },
      {
        etag: '"one"',
        'content-type': 'text/b',
        'content-length': '0',
        'x-version': '2',
        'cache-control': 'max-age=100',
      },
    ),
    TTL,
  )
  await ask('/x')
  await pass(15_000)
  for (const { headers, text } of [await ask('/x'), await ask('/x')]) {
    expect(text).toBe('run 1')
    expect(headers.get('x-version')).toBe('2')
    expect(headers.get('x-kept')).toBe('kept')
    expect(headers.get('content-type')).toBe('text/a')
    expect(headers.get('content-length')).toBe('5')
    expect(headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:15 GMT')
  }
  await pass(90_000)
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
})

test('an ETag that is ours is not sent to the handler, which does not know it', async () => {
  const { ask, pass, requests } = serve((_request, run) => new Response(`run ${run}`), TTL)
  const { headers } = await ask('/x')
  const ours = headers.get('etag')
  expect(ours).toMatch(/^"/)
  expect((await ask('/x')).headers.get('etag')).toBe(ours)
  await pass(15_000)
  await ask('/x')
  expect(requests[1]!.headers.has('if-none-match')).toBe(false)
})

test('what is whole at once has its ETag and its length with the first answer', async () => {
  const { ask } = serve(() => new Response('whole'), TTL)
  const { headers, text } = await ask('/x')
  expect([headers.get('etag'), headers.get('content-length'), text]).toEqual([
    expect.stringMatching(/^"/),
    '5',
    'whole',
  ])
})

test('RFC 9111 §4.3.2: a condition of the client is not sent to the handler, and answered for the client', async () => {
  const { ask, pass, requests } = serve(validating({ etag: '"one"' }), TTL)
  await ask('/x')
  await pass(15_000)
  const theirs = await ask('/x', { 'if-none-match': '"theirs"' })
  expect(requests[1]!.headers.get('if-none-match')).toBe('"one"')
  expect([theirs.status, theirs.text]).toEqual([200, 'run 1'])
  await pass(15_000)
  const ours = await ask('/x', { 'if-none-match': '"one"' })
  expect([ours.status, ours.text]).toEqual([304, ''])
})

test('RFC 9111 §4.3.4: what a 304 about another representation leaves open is loaded anew, without conditions', async () => {
  const { ask, pass, requests } = serve(validating({ etag: '"one"' }, { etag: '"two"' }), TTL)
  await ask('/x')
  for (const [text, theirs] of [
    ['run 3', {}],
    ['run 5', { 'if-none-match': '"theirs"' }],
  ] as const) {
    await pass(15_000)
    const loaded = await ask('/x', theirs)
    expect([loaded.status, loaded.text, loaded.cacheStatus]).toEqual([
      200,
      text,
      expect.stringContaining('fwd=stale;fwd-status=200;stored'),
    ])
    expect(requests.at(-1)!.headers.has('if-none-match')).toBe(false)
    expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  }
})

test('in the background what a 304 leaves open is loaded anew as well', async () => {
  const { ask, pass } = serve(validating({ etag: '"one"' }, { etag: '"two"' }), { ...TTL, staleWhileRevalidate: '1m' })
  await ask('/x')
  await pass(15_000)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'run 3', cacheStatus: 'hit;ttl=10' })
})

test('a handler that cannot be asked again fails with such a 304, once', async () => {
  const served = serve(() => new Response())
  const handler = validating({ etag: '"one"' }, { etag: '"two"' })
  let runs = 0
  const ask = askDeciding(served, TTL, (_, request) => handler(request, ++runs))
  await ask('/x')
  await served.pass(15_000)
  await expect(ask('/x')).rejects.toThrow('304')
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'run 3' })
})

test('a 304 whose tag differs only by being strong confirms what is stored, which stays weak', async () => {
  const { ask, pass, requests } = serve(validating({ etag: 'W/"one"' }, { etag: '"one"' }), TTL)
  await ask('/x')
  await pass(15_000)
  for (const { status, text, headers } of [await ask('/x'), await ask('/x')]) {
    expect([status, text, headers.get('etag')]).toEqual([200, 'run 1', 'W/"one"'])
  }
  expect(requests).toHaveLength(2)
})

test('the handler is not asked whether what it did not find is still not there', async () => {
  const { ask, pass, requests } = serve(
    (request, run) =>
      request.headers.has('if-none-match')
        ? new Response(null, { status: 304, headers: { etag: '"one"' } })
        : new Response(`run ${run}`, { status: run === 1 ? 404 : 200, headers: { etag: '"one"' } }),
    { ...TTL, negativeTtl: '10s' },
  )
  expect((await ask('/x')).status).toBe(404)
  await pass(15_000)
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'run 2' })
  expect(requests[1]!.headers.has('if-none-match')).toBe(false)
})

test('RFC 9111 §4.3.3: a 304 to nobody’s condition is handed on and not stored', async () => {
  const { ask, requests } = serve(() => new Response(null, { status: 304 }), TTL)
  expect((await ask('/x')).status).toBe(304)
  expect((await ask('/x')).status).toBe(304)
  expect(requests).toHaveLength(2)
})

test('RFC 9111 §4.3.3: a 200 in the place of a 304 replaces what is stored', async () => {
  const { ask, pass } = serve((_request, run) => new Response(`run ${run}`, { headers: { etag: `"${run}"` } }), TTL)
  await ask('/x')
  await pass(15_000)
  expect((await ask('/x')).text).toBe('run 2')
  const { text, headers } = await ask('/x')
  expect([text, headers.get('etag')]).toEqual(['run 2', '"2"'])
})

test('RFC 9111 §5.2.2.5: a 304 that is not to be stored removes what it confirmed, and whoever asked has it', async () => {
  const { ask, pass } = serve(validating({ etag: '"one"' }, { etag: '"one"', 'cache-control': 'no-store' }), TTL)
  await ask('/x')
  await pass(15_000)
  expect((await ask('/x')).text).toBe('run 1')
  expect((await ask('/x')).text).toBe('run 3')
})

test('validation in the background freshens as well', async () => {
  const { ask, pass, requests } = serve(validating({ etag: '"one"' }), { ...TTL, staleWhileRevalidate: '1m' })
  await ask('/x')
  await pass(15_000)
  expect((await ask('/x')).text).toBe('run 1')
  await settled()
  expect((await ask('/x')).cacheStatus).toBe('hit;ttl=10')
  expect(requests).toHaveLength(2)
})

test('many at once validate once', async () => {
  const { ask, pass, requests } = serve(validating({ etag: '"one"' }), TTL)
  await ask('/x')
  await pass(15_000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/x')))
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['run 1']))
  expect(requests).toHaveLength(2)
})

test('RFC 9111 §4.3.1: a variant is validated with its own validators', async () => {
  const { ask, pass, requests } = serve((request, run) => {
    const language = request.headers.get('accept-language')
    const headers = { etag: `"${language}"`, vary: 'Accept-Language' }
    return request.headers.get('if-none-match') === `"${language}"`
      ? new Response(null, { status: 304, headers })
      : new Response(`${language} of run ${run}`, { headers })
  }, TTL)
  for (const language of ['de', 'en']) await ask('/x', { 'accept-language': language })
  await pass(15_000)
  expect((await ask('/x', { 'accept-language': 'de' })).text).toBe('de of run 1')
  expect((await ask('/x', { 'accept-language': 'en' })).text).toBe('en of run 2')
  expect(requests.slice(2).map(({ headers }) => headers.get('if-none-match'))).toEqual(['"de"', '"en"'])
})

test('what can be validated is kept for it, long after it has become stale', async () => {
  const { ask, pass, requests } = serve(validating({ etag: '"one"' }), TTL)
  await ask('/x')
  await pass(3_600_000)
  expect((await ask('/x')).text).toBe('run 1')
  expect(requests[1]!.headers.get('if-none-match')).toBe('"one"')
})

test('RFC 9111 §4.3.3: a failing handler is not hidden by what is only kept to be validated', async () => {
  const { ask, pass, fetch } = serve(
    (_request, run) => {
      if (run === 1) return new Response('good', { headers: { etag: '"one"' } })
      if (run === 2) return new Response('bad', { status: 503 })
      throw new Error('failed')
    },
    { ...TTL, staleIfError: '20s' },
  )
  await ask('/x')
  await pass(60_000)
  expect(await ask('/x')).toMatchObject({ status: 503, text: 'bad' })
  await pass(60_000)
  await expect(fetch(new Request(`${ORIGIN}/x`))).rejects.toThrow('failed')
})
