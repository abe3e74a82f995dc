import { createCache } from '@shelflife/core'
import { fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { expect, onTestFinished, test, vi } from 'vitest'

import type { HeaderList, Outgoing, RouteOptions } from '../src/index.ts'
import { createResponseCache } from '../src/index.ts'
import { createKnownRefusals } from '../src/known-refusals.ts'
import type { Handler } from './serve.ts'
import { serve } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0, staleIfError: 0 } as const
const fine: Handler = () => new Response('fine')

test('RFC 9211 §2: Cache-Status says what became of each request, in the name that was given, and never the key', async () => {
  // what was refused once is remembered for two milliseconds
  const time = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => time.mockRestore())
  const { ask } = serve(
    (request, run) =>
      new URL(request.url).pathname === '/private'
        ? new Response('', { headers: { 'cache-control': 'private' } })
        : new Response(`run ${run}`),
    { ...TTL, name: 'shop' },
  )
  const statusOf = async (target: string, headers = {}, method = 'GET') =>
    (await ask(target, headers, { method })).headers.get('cache-status')
  expect(await statusOf('/x')).toBe('shop;fwd=uri-miss;fwd-status=200;stored')
  expect(await statusOf('/x')).toBe('shop;hit;ttl=60')
  expect(await statusOf('/x', {}, 'HEAD')).toBe('shop;hit;ttl=60')
  expect(await statusOf('/x', {}, 'POST')).toBe('shop;fwd=method')
  expect(await statusOf('/x', { authorization: 'x' })).toBe('shop;fwd=bypass;detail=authorization')
  expect(await statusOf('/x', { 'x-http-method-override': 'PUT' })).toBe('shop;fwd=bypass;detail=method-override')
  expect(await statusOf('/x', { upgrade: 'websocket' })).toBe('shop;fwd=bypass;detail=upgrade')
  expect(await statusOf('/x', { 'content-length': '4' })).toBe('shop;fwd=bypass;detail=body')
  expect(await statusOf('/x', { 'transfer-encoding': 'chunked' })).toBe('shop;fwd=bypass;detail=body')
  expect(await statusOf('/x', { 'content-length': '0' })).toBe('shop;fwd=uri-miss;fwd-status=200;stored')
  expect(await statusOf('/x', { 'if-match': '"1"' })).toBe('shop;fwd=bypass;detail=precondition')
  expect(await statusOf('/private')).toBe('shop;fwd=uri-miss;fwd-status=200;detail=private')
  expect(await statusOf('/private')).toBe('shop;fwd=miss;fwd-status=200;detail="not stored of late"')
  expect(await statusOf(`/${'x'.repeat(9000)}`)).toBe('shop;fwd=bypass;detail=target')
})

test('RFC 9211 §2: Cache-Status of a cache before us stands before ours, on misses and hits', async () => {
  const { ask } = serve(() => new Response('', { headers: { 'cache-status': 'cdn; fwd=miss' } }), TTL)
  expect((await ask('/x')).headers.get('cache-status')).toBe(
    'cdn; fwd=miss, shelflife;fwd=uri-miss;fwd-status=200;stored',
  )
  expect((await ask('/x')).headers.get('cache-status')).toBe('cdn; fwd=miss, shelflife;hit;ttl=60')
})

test('RFC 9111 §4.2.3, RFC 9110 §6.6.1: Age counts from what the response was old when it came, and Date is replayed', async () => {
  const { ask, pass } = serve(() => new Response('', { headers: { age: '10' } }), TTL)
  await ask('/x')
  await pass(5000)
  const { headers, cacheStatus } = await ask('/x')
  expect(headers.get('age')).toBe('15')
  expect(headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT')
  expect(cacheStatus).toBe('hit;ttl=45')
})

test('RFC 9111 §5.2.2.4: without a word of the handler, whoever keeps a copy has to ask each time', async () => {
  const { ask } = serve(fine, TTL)
  for (const { headers } of [await ask('/x'), await ask('/x')]) {
    expect(headers.get('cache-control')).toBe('no-cache')
    expect(headers.has('cdn-cache-control')).toBe(false)
  }
})

test('RFC 9111 §5.2.2.1: `browserTtl` is how long browsers need not ask', async () => {
  const { ask, pass } = serve(fine, { ...TTL, browserTtl: '20s' })
  expect((await ask('/x')).headers.get('cache-control')).toBe('max-age=20, s-maxage=0')
  await pass(5000)
  // a browser subtracts the age
  expect((await ask('/x')).headers.get('cache-control')).toBe('max-age=25, s-maxage=0')
})

test('what the handler says about copies is left alone', async () => {
  for (const control of ['max-age=30', 'public, max-age=30, must-revalidate']) {
    const { ask } = serve(() => new Response('', { headers: { 'cache-control': control } }), {
      ...TTL,
      browserTtl: '20s',
      cdn: 'fastly',
    })
    for (const { headers } of [await ask('/x'), await ask('/x')]) {
      expect(headers.get('cache-control')).toBe(control)
      expect(headers.has('cdn-cache-control')).toBe(false)
    }
  }
  const { ask } = serve(() => new Response('', { headers: { expires: 'Tue, 01 Jan 2030 00:01:00 GMT' } }), TTL)
  await ask('/x')
  expect((await ask('/x')).headers.has('cache-control')).toBe(false)
})

test('behind a CDN the response carries its tags, and for how long it may be kept there', async () => {
  const { ask, pass } = serve(fine, { ...TTL, tags: ['product:1', 'catalog/tv'], cdn: 'fastly' })
  const miss = await ask('/x')
  expect(miss.headers.get('surrogate-key')).toContain('product:1')
  expect(miss.headers.get('cdn-cache-control')).toBe('max-age=60')
  await pass(20_000)
  const hit = await ask('/x')
  expect(hit.headers.get('surrogate-key')).toBe(miss.headers.get('surrogate-key'))
  // a CDN subtracts the age, too
  expect([hit.headers.get('cdn-cache-control'), hit.headers.get('age')]).toEqual(['max-age=60', '20'])
})

test('no CDN is told to keep what a guard in front has let through', async () => {
  const { ask } = serve(fine, { ...TTL, tags: ['product:1'], cdn: 'fastly', guarded: true })
  for (const { headers } of [await ask('/x'), await ask('/x')]) {
    expect([headers.get('cache-control'), headers.has('cdn-cache-control')]).toEqual(['no-cache', false])
  }
})

test('draft-ietf-httpbis-no-vary-search §2: what of the query counts is said in No-Vary-Search', async () => {
  const { ask, requests } = serve(fine, { ...TTL, query: { ignore: ['utm'] } })
  for (const target of ['/x?utm=1', '/x?utm=2', '/x']) {
    expect((await ask(target)).headers.get('no-vary-search')).toBe('params=("utm")')
  }
  expect(requests).toHaveLength(1)
})

test('RFC 9213 §2.2: a targeted field that is obeyed counts before Cache-Control', async () => {
  const headers = { 'cdn-cache-control': 'max-age=100', 'cache-control': 'no-store' }
  const obeying = serve(() => new Response('', { headers }), { ...TTL, targets: ['CDN-Cache-Control'] })
  await obeying.ask('/x')
  expect((await obeying.ask('/x')).cacheStatus).toBe('hit;ttl=100')
  const other = serve(() => new Response('', { headers }), TTL)
  await other.ask('/x')
  expect(other.requests).toHaveLength(1)
  expect((await other.ask('/x')).cacheStatus).not.toMatch(/^hit/)
})

/** Asks a route whose handler answers with these lines, twice, and gives the second answer. */
async function linesOnHit(headers: HeaderList, options: RouteOptions = {}): Promise<Outgoing> {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  const route = createResponseCache({ cache }).route(options)
  const incoming = { method: 'GET', scheme: 'http', authority: 'a.test', target: '/', header: () => undefined }
  const body = new TextEncoder().encode('body')
  const ask = async (): Promise<Outgoing> => {
    const plan = route.plan(incoming, incoming)
    if (plan.kind === 'pass') throw new Error('passed')
    if (plan.kind === 'hit') return plan.outgoing
    return plan.answer({ incoming, run: async () => ({ status: 200, headers, body }) })
  }
  await ask()
  await expect.poll(() => cache.stats().entries).toBe(1)
  const outgoing = await ask()
  await cache.close()
  return outgoing
}

test('RFC 9111 §3.1: order, case and multiples of headers are those of the handler; those of one connection are not stored', async () => {
  const { headers } = await linesOnHit([
    ['X-B', '1'],
    ['Link', '</a>'],
    ['x-a', '2'],
    ['Link', '</b>'],
    ['Connection', 'X-Secret, keep-alive'],
    ['X-Secret', 'of this connection'],
    ['Keep-Alive', 'timeout=5'],
    ['Transfer-Encoding', 'chunked'],
    ['Date', 'Tue, 01 Jan 2030 00:00:00 GMT'],
    ['Cache-Control', 'max-age=60, no-cache="x-a"'],
  ])
  expect(headers.slice(0, 5)).toEqual([
    ['X-B', '1'],
    ['Link', '</a>'],
    ['Link', '</b>'],
    ['Date', 'Tue, 01 Jan 2030 00:00:00 GMT'],
    ['Cache-Control', 'max-age=60, no-cache="x-a"'],
  ])
  expect(headers.slice(5).map(([name]) => name)).toEqual(['Content-Length', 'ETag', 'Age', 'Cache-Status'])
})

test.each([
  ['a line break', ['x-a', 'a\r\nb: c']],
  ['a NUL', ['x-a', 'a\0b']],
  ['a name that is none', ['x a', 'b']],
] as const)('RFC 9110 §5.5: a header with %s is not stored', async (_what, line) => {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  const route = createResponseCache({ cache }).route({})
  const incoming = { method: 'GET', scheme: 'http', authority: 'a.test', target: '/', header: () => undefined }
  const plan = route.plan(incoming, incoming)
  if (plan.kind !== 'answer') throw new Error(plan.kind)
  const { headers } = await plan.answer({ incoming, run: async () => ({ status: 200, headers: [line], body: null }) })
  expect(headers.at(-1)).toEqual(['Cache-Status', 'shelflife;fwd=uri-miss;fwd-status=200;detail=unsendable'])
  await cache.close()
})

test('a second response cache of one cache is refused, since they would share entries unknowingly', async () => {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  createResponseCache({ cache })
  expect(() => createResponseCache({ cache })).toThrow(expect.objectContaining({ code: 'duplicate-name' }))
  await cache.close()
})

test('what was not stored is remembered for 30 s, for 10,000 keys, unless it is stored after all', () => {
  const clock = fakeClock()
  const refusals = createKnownRefusals(clock)
  const holds = (key: string) => refusals.heldFor(key) === 'too-large'
  expect(refusals.isEmpty()).toBe(true)
  refusals.add('a', 'too-large')
  refusals.add('b', 'too-large')
  refusals.delete('b')
  expect([holds('a'), holds('b'), refusals.isEmpty()]).toEqual([true, false, false])
  clock.advance(30_000)
  expect([holds('a'), refusals.isEmpty()]).toEqual([false, true])
  for (let i = 0; i <= 10_000; i++) refusals.add(String(i), 'too-large')
  expect([holds('0'), holds('1'), holds('10000')]).toEqual([false, true, true])
})

test('one request at a time tries whether a key can be stored by now, the seldomer the more often it was not', () => {
  const clock = fakeClock()
  const refusals = createKnownRefusals(clock)
  const holds = (key: string) => refusals.heldFor(key) === 'too-large'
  refusals.add('a', 'too-large')
  clock.advance(2)
  expect([holds('a'), holds('a'), holds('a')]).toEqual([false, true, true])
  for (let times = 0; times < 20; times++) refusals.add('a', 'too-large')
  clock.advance(999)
  expect(holds('a')).toBe(true)
  clock.advance(1)
  expect([holds('a'), holds('a')]).toEqual([false, true])
  // a try that nothing is heard of
  clock.advance(1000)
  expect([holds('a'), holds('a')]).toEqual([false, true])
  // one that came to nothing
  refusals.tried('a')
  expect([holds('a'), holds('a')]).toEqual([false, true])
  // one that was refused, and others that ended with it
  refusals.add('a', 'too-large')
  refusals.tried('a')
  expect(holds('a')).toBe(true)
})

test('a try that says nothing of the key keeps nobody from trying', async () => {
  const states: ResponseInit[] = [{ headers: { 'cache-control': 'no-store' } }]
  const { ask } = serve(() => new Response('x', states.at(-1)), { ttl: '1m' })
  const status = async () => (await ask('/x')).headers.get('cache-status')
  expect(await status()).toContain('detail=no-store')
  states.push({ status: 500 })
  await expect.poll(status, { interval: 1 }).not.toContain('not stored of late')
  states.push({})
  await ask('/x')
  expect(await status()).toContain(';hit')
})

test('RFC 9112 §6.2: how a handler wants its body framed is in no message that has a length', async () => {
  const { ask } = serve(() => new Response('whole', { headers: { 'transfer-encoding': 'chunked' } }), { ttl: '1m' })
  for (let i = 0; i < 2; i++) {
    const { headers, text } = await ask('/x')
    expect([text, headers.get('transfer-encoding'), headers.get('content-length')]).toEqual(['whole', null, '5'])
  }
})
