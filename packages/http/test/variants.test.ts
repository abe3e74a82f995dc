import { expect, test } from 'vitest'

import { createVariantLimit } from '../src/variant-limit.ts'
import { application } from './application.ts'
import type { Handler } from './serve.ts'
import { ORIGIN, serve, settled } from './serve.ts'

const TTL = { ttl: '1m' } as const

const speaking: Handler = (request, run) =>
  new Response(`${request.headers.get('accept-language')} of run ${run}`, { headers: { vary: 'Accept-Language' } })

const as = (language: string) => ({ 'accept-language': language })

test('RFC 9111 §4.1: each variant is made once and answers those who ask for it', async () => {
  const { ask, requests } = serve(speaking, TTL)
  const first = []
  for (const language of ['de', 'en', 'fr']) first.push((await ask('/x', as(language))).text)
  const second = []
  for (const language of ['de', 'en', 'fr']) second.push((await ask('/x', as(language))).text)
  expect(second).toEqual(first)
  expect((await ask('/x')).text).toBe('null of run 4')
  expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(4)
})

test('RFC 9111 §4.1: values that mean the same share a variant', async () => {
  const { ask, requests } = serve(
    () => new Response('x', { headers: { vary: 'Accept-Encoding', 'content-encoding': 'identity' } }),
    TTL,
  )
  await ask('/x', { 'accept-encoding': 'gzip, br;q=1.0' })
  expect((await ask('/x', { 'accept-encoding': 'BR,GZIP' })).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(1)
})

test('an invalidation of the URI makes all of its variants unreachable', async () => {
  const { ask, responses, requests } = serve(speaking, TTL)
  for (const language of ['de', 'en', 'fr']) await ask('/x', as(language))
  const incoming = { method: 'POST', scheme: 'http', authority: 'a.test', target: '/x', header: () => undefined }
  await responses.invalidate({ incoming, status: 200, headers: [], tags: [] })
  for (const language of ['fr', 'en', 'de']) await ask('/x', as(language))
  expect(requests).toHaveLength(6)
  for (const language of ['de', 'en', 'fr']) expect((await ask('/x', as(language))).cacheStatus).toMatch(/^hit/)
})

test('an invalidated tag reaches every variant that has it', async () => {
  const { ask, cache, requests } = serve(speaking, { ...TTL, tags: ['page'] })
  for (const language of ['de', 'en']) await ask('/x', as(language))
  await cache.invalidateTags(['page'])
  for (const language of ['en', 'de']) await ask('/x', as(language))
  expect(requests).toHaveLength(4)
})

test('RFC 9111 §4.1: a response that comes to vary by more is not answered to those who sent something else', async () => {
  const { ask } = serve(
    (request, run) =>
      new Response(`${request.headers.get('accept')} ${request.headers.get('accept-language')}`, {
        headers: { vary: run === 1 ? 'Accept' : 'Accept, Accept-Language' },
      }),
    TTL,
  )
  await ask('/x', { accept: 'a', ...as('de') })
  for (let round = 0; round < 2; round++) {
    expect((await ask('/x', { accept: 'b', ...as('de') })).text).toBe('b de')
    expect((await ask('/x', { accept: 'b', ...as('en') })).text).toBe('b en')
  }
})

test('variants of one URI are bounded: the one that was asked for last the longest ago goes', async () => {
  const { ask, requests, cache } = serve(speaking, { ...TTL, maxVariants: 3 })
  for (let i = 0; i < 10; i++) expect((await ask('/x', as(`l${i}`))).text).toMatch(`l${i} of`)
  expect(cache.stats().entries).toBe(3)
  for (const language of ['l0', 'l8', 'l9']) expect((await ask('/x', as(language))).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(10)
})

test('a client that makes up variants does not keep those of others from being stored', async () => {
  const { ask } = serve(speaking, { ...TTL, maxVariants: 3 })
  for (let i = 0; i < 50; i++) await ask('/x', as(`junk${i}`))
  await ask('/x', as('de'))
  expect((await ask('/x', as('de'))).cacheStatus).toMatch(/^hit/)
})

test('values that are too long to be told apart are answered by the handler', async () => {
  const { ask, requests } = serve(speaking, TTL)
  const long = 'x'.repeat(3000)
  await ask('/x', as('de'))
  for (let i = 0; i < 2; i++) expect((await ask('/x', as(long))).text).toMatch(long)
  expect(requests).toHaveLength(3)
  expect((await ask('/x', as('de'))).cacheStatus).toMatch(/^hit/)
})

test('a client whose values are too long does not keep others from sharing', async () => {
  const { ask, requests } = serve(speaking, TTL)
  await ask('/x', as('x'.repeat(3000)))
  await ask('/x', as('de'))
  expect((await ask('/x', as('de'))).cacheStatus).toMatch(/^hit/)
  expect(requests).toHaveLength(2)
})

test('headers that the route names are part of the key from the first request on', async () => {
  const { ask, requests } = serve((request) => new Response(request.headers.get('x-tenant')), {
    ...TTL,
    headers: ['X-Tenant'],
  })
  const answers = await Promise.all(['a', 'b', 'a'].map((tenant) => ask('/x', { 'x-tenant': tenant })))
  expect(answers.map(({ text }) => text)).toEqual(['a', 'b', 'a'])
  expect(requests).toHaveLength(2)
})

test('what is encoded as nobody registered is only for who sent the very same', async () => {
  const { ask } = serve(
    (request) => new Response(request.headers.get('accept-encoding'), { headers: { 'content-encoding': 'x-rot13' } }),
    TTL,
  )
  const as = (coding: string) => ask('/x', { 'accept-encoding': coding })
  for (const coding of ['x-rot13', 'x-mine', 'x-rot13, gzip']) expect((await as(coding)).text).toBe(coding)
  const again = await as('x-rot13')
  expect([again.text, again.cacheStatus]).toEqual(['x-rot13', 'hit;ttl=60'])
})

test('RFC 9110 §12.5.5: what is encoded without Vary: Accept-Encoding gets one', async () => {
  const { ask, fetch } = serve(
    (request) =>
      request.headers.get('accept-encoding') === 'zstd'
        ? new Response('uryyb', { headers: { 'content-encoding': 'zstd' } })
        : new Response('hello'),
    TTL,
  )
  const first = await fetch(new Request(`${ORIGIN}/x`, { headers: { 'accept-encoding': 'zstd' } }))
  expect(first.headers.get('vary')).toBe('Accept-Encoding')
  expect(await first.text()).toBe('uryyb')
  expect((await ask('/x')).text).toBe('hello')
  const again = await ask('/x', { 'accept-encoding': 'zstd' })
  expect([again.text, again.headers.get('vary')]).toEqual(['uryyb', 'Accept-Encoding'])
})

test('the limit of variants is kept for each generation, the base entry counted', () => {
  const limit = createVariantLimit(3)
  const gone = ['a', 'b', 'a', 'c', 'a'].map((variant) => limit.admit('one', variant))
  expect(gone).toEqual([undefined, undefined, undefined, 'b', undefined])
  expect(limit.admit('two', 'c')).toBeUndefined()
})

test('the limit of variants forgets generations, not without end', () => {
  const limit = createVariantLimit(2)
  limit.admit('old', 'a')
  for (let i = 0; i < 1000; i++) limit.admit(`new ${i}`, 'a')
  expect(limit.admit('old', 'b')).toBeUndefined()
  expect(limit.admit('new 999', 'b')).toBe('a')
})

test('a refresh that fails takes nothing from the request that it began with, which goes on to another variant', async () => {
  let runs = 0
  let answered = (): void => {}
  const addedLater = new Promise<[]>((resolve) => {
    answered = () => resolve([])
  })
  const { ask, pass } = application(
    async (_how, _who, request) => {
      // the second is the refresh of the first variant
      if (++runs === 2) return new Response('bad', { status: 503 })
      await settled()
      return new Response(request.headers.get('accept-language'), { headers: { vary: 'Accept-Language' } })
    },
    { ttl: '10s', staleWhileRevalidate: '1m' },
    // what stands in front adds to a head when that goes out
    () => (runs > 1 ? addedLater : undefined),
  )
  await ask('/x', { headers: as('de') })
  await pass(15_000)
  const asked = ask('/x', { headers: as('en') }).finally(answered)
  const waiting = settled()
    .then(settled)
    .then(settled)
    .then(() => undefined)
  expect(await Promise.race([asked, waiting])).toMatchObject({ status: 200, text: 'en' })
})
