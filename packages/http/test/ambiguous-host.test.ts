import { expect, test } from 'vitest'

import { incomingOf } from '../src/index.ts'
import { ORIGIN, serve } from './serve.ts'

const TTL = { ttl: '1m' } as const

test.each(['evil.test', 'A.test', 'a.test:80', 'a.test, evil.test', ' a.test.'])(
  'RFC 9112 §3.2.2: a request for one host that names %j as well is not looked up',
  async (host) => {
    const { ask, requests } = serve((request) => new Response(`for ${request.headers.get('host')}`), TTL)
    for (let i = 0; i < 2; i++) {
      expect((await ask('/x', { host })).cacheStatus).toBe('fwd=bypass;detail=host')
    }
    await ask('/x', { host: 'a.test' })
    expect(await ask('/x', { host: 'a.test' })).toMatchObject({ text: 'for a.test', cacheStatus: 'hit;ttl=60' })
    expect(requests).toHaveLength(3)
  },
)

test('a request that names no host beside its URI is looked up', async () => {
  const { ask } = serve(() => new Response('x'), TTL)
  await ask('/x')
  expect((await ask('/x')).cacheStatus).toBe('hit;ttl=60')
})

test('it is no plain request either, where its headers are at hand', () => {
  const request = new Request(`${ORIGIN}/x`, { headers: { host: 'evil.test' } })
  expect(incomingOf(request, { received: { host: 'evil.test' } })).toMatchObject({ isPlain: false, isAmbiguous: true })
  expect(incomingOf(request, { received: { host: 'a.test' } })).toMatchObject({ isPlain: true, isAmbiguous: false })
})

test('an unsafe method to two hosts is passed on as such', async () => {
  const { ask } = serve(() => new Response('x'), TTL)
  expect((await ask('/x', { host: 'evil.test' }, { method: 'POST' })).cacheStatus).toBe('fwd=method')
})
