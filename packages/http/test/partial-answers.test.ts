import { expect, test } from 'vitest'

import type { Handler } from './serve.ts'
import { ORIGIN, serve } from './serve.ts'

const TTL = { ttl: '1m' } as const
const BODY = '0123456789'
const MODIFIED = 'Mon, 31 Dec 2029 00:00:00 GMT'

const document: Handler = () => new Response(BODY, { headers: { etag: '"one"', 'last-modified': MODIFIED } })

test('RFC 9111 §4.3.2, RFC 9110 §14.2: conditions and ranges of a client never reach the handler of a fill', async () => {
  const { ask, requests } = serve(document, TTL)
  await ask('/x', { range: 'bytes=0-1', 'if-range': '"one"', 'if-none-match': '"two"', 'if-modified-since': MODIFIED })
  const names = [...requests[0]!.headers.keys()]
  expect(names).toEqual([])
})

test('RFC 9110 §15.4.5: a condition that holds is answered 304 by a miss, a hit and a follower alike, without a body', async () => {
  const { ask, requests } = serve(document, TTL)
  const headers = { 'if-none-match': 'W/"one"' }
  const answers = [...(await Promise.all([ask('/x', headers), ask('/x', headers)])), await ask('/x', headers)]
  for (const answer of answers) {
    expect([answer.status, answer.text]).toEqual([304, ''])
    expect(answer.headers.get('etag')).toBe('"one"')
    expect(answer.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(answer.headers.has('content-length')).toBe(false)
    expect(answer.cacheStatus).not.toBe('')
  }
  expect(requests).toHaveLength(1)
  expect((await ask('/x')).text).toBe(BODY)
})

test('If-None-Match counts before If-Modified-Since (RFC 9110 §13.2.2)', async () => {
  const { ask } = serve(document, TTL)
  await ask('/x')
  expect((await ask('/x', { 'if-none-match': '"two"', 'if-modified-since': MODIFIED })).status).toBe(200)
  expect((await ask('/x', { 'if-none-match': '"two", "one"' })).status).toBe(304)
  expect((await ask('/x', { 'if-none-match': '*' })).status).toBe(304)
  expect((await ask('/x', { 'if-modified-since': MODIFIED })).status).toBe(304)
  expect((await ask('/x', { 'if-modified-since': 'Sun, 30 Dec 2029 00:00:00 GMT' })).status).toBe(200)
})

test('RFC 9110 §8.8.3: an ETag that the handler did not give is made of the bytes, and answers conditions', async () => {
  const { ask } = serve(() => new Response(BODY), TTL)
  await ask('/x')
  const { headers } = await ask('/x')
  const etag = headers.get('etag')!
  expect((await ask('/x', { 'if-none-match': etag })).status).toBe(304)
  expect((await ask('/y', { 'if-none-match': etag })).status).toBe(304)
  expect((await ask('/x', { 'if-none-match': '"other"' })).text).toBe(BODY)
})

test('RFC 9111 §4.3.2: preconditions are for the handler, and what it says about them is not stored', async () => {
  const { ask, requests } = serve(
    (request) => (request.headers.has('if-match') ? new Response('no', { status: 412 }) : new Response(BODY)),
    TTL,
  )
  await ask('/x')
  const { status, cacheStatus } = await ask('/x', { 'if-match': '"two"' })
  expect([status, cacheStatus]).toEqual([412, 'fwd=bypass;detail=precondition'])
  await ask('/x', { 'if-unmodified-since': MODIFIED })
  expect(requests).toHaveLength(3)
  expect((await ask('/x')).text).toBe(BODY)
})

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=5-100', 206, '56789', 'bytes 5-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=0-1,3-4', 200, BODY, null],
  ['lines=1-2', 200, BODY, null],
  ['bytes=4-2', 200, BODY, null],
])('RFC 9110 §14.2: %s is cut from the whole, by a miss and by a hit', async (range, status, text, contentRange) => {
  const { ask, requests } = serve(document, TTL)
  for (const answer of [await ask('/x', { range }), await ask('/x', { range })]) {
    expect([answer.status, answer.text]).toEqual([status, text])
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(answer.headers.get('content-length') ?? String(text.length)).toBe(String(text.length))
  }
  expect((await ask('/x')).text).toBe(BODY)
  expect(requests).toHaveLength(1)
})

test('RFC 9110 §13.1.5: If-Range needs the strong ETag of what is stored, or its date', async () => {
  const { ask } = serve(document, TTL)
  await ask('/x')
  const asked = async (ifRange: string) => (await ask('/x', { range: 'bytes=0-1', 'if-range': ifRange })).status
  expect(await asked('"one"')).toBe(206)
  expect(await asked('"two"')).toBe(200)
  expect(await asked('W/"one"')).toBe(200)
})

test('RFC 9111 §3.3: a part that the handler answers on its own is not the whole', async () => {
  const { ask, requests } = serve(
    () => new Response('part', { status: 206, headers: { 'content-range': 'bytes 0-3/10' } }),
    TTL,
  )
  expect((await ask('/x')).status).toBe(206)
  expect((await ask('/x')).status).toBe(206)
  expect(requests).toHaveLength(2)
})

test('RFC 9110 §9.3.2: HEAD is answered from a stored GET, with its headers and its length', async () => {
  const { ask, requests } = serve(document, TTL)
  await ask('/x')
  const head = await ask('/x', {}, { method: 'HEAD' })
  const get = await ask('/x')
  expect(head.text).toBe('')
  expect([...head.headers]).toEqual([...get.headers])
  expect(head.headers.get('content-length')).toBe('10')
  expect((await ask('/x', { 'if-none-match': '"one"' }, { method: 'HEAD' })).status).toBe(304)
  expect((await ask('/x', { range: 'bytes=0-1' }, { method: 'HEAD' })).status).toBe(200)
  expect(requests).toHaveLength(1)
})

test('RFC 9110 §9.3.2: a HEAD that nothing is stored for goes to the handler and makes no entry', async () => {
  const { ask, requests } = serve(
    (request) => new Response(request.method === 'HEAD' ? null : BODY, { headers: { 'content-length': '10' } }),
    TTL,
  )
  const head = await ask('/x', {}, { method: 'HEAD' })
  expect([head.headers.get('content-length'), head.cacheStatus]).toEqual(['10', 'fwd=uri-miss;fwd-status=200'])
  await ask('/x', {}, { method: 'HEAD' })
  expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD'])
  expect((await ask('/x')).text).toBe(BODY)
  expect(requests).toHaveLength(3)
})

test('RFC 9110 §7.7: bytes are bytes: what is no text comes out as it went in', async () => {
  const body = Uint8Array.from({ length: 256 }, (_, i) => i)
  const { fetch, ask } = serve(() => new Response(body), TTL)
  await ask('/x')
  const stored = await fetch(new Request(`${ORIGIN}/x`))
  expect(new Uint8Array(await stored.arrayBuffer())).toEqual(body)
})
