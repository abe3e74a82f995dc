import { describe, expect, test } from 'vitest'

import { serve } from './serve.ts'

const ALICE = { cookie: 'sid=alice' }
const PRIVATE = 'private, no-cache'

describe('what one client’s request was answered is said to be nobody else’s where the handler says nothing', () => {
  test.each<[what: string, headers: Record<string, string>, method?: string]>([
    ['a token', { authorization: 'Bearer alice' }],
    ['a token, for HEAD', { authorization: 'Bearer alice' }, 'HEAD'],
    ['a token, and a condition', { authorization: 'Bearer alice', 'if-match': '"1"' }],
    ['a cookie', ALICE],
    ['a cookie, for HEAD', ALICE, 'HEAD'],
    ['a cookie, and a wish not to store', { ...ALICE, 'cache-control': 'no-store' }],
    ['a header of its own, and a wish not to store', { 'x-user-id': 'alice', 'cache-control': 'no-store' }],
    ['a header of its own, for HEAD', { 'x-user-id': 'alice' }, 'HEAD'],
  ])('%s', async (_what, headers, method = 'GET') => {
    const { ask } = serve((request) => new Response(request.headers.get('x-user-id')), {
      ttl: '1m',
      onUnkeyedInput() {},
    })
    for (let round = 0; round < 3; round++) {
      expect((await ask('/x', headers, { method })).headers.get('cache-control')).toBe(PRIVATE)
    }
  })

  test('also while something is stored for others', async () => {
    const { ask } = serve(() => new Response('x'), { ttl: '1m' })
    expect((await ask('/x')).headers.get('cache-control')).toBe('no-cache')
    const personal = await ask('/x', ALICE)
    expect([personal.cacheStatus, personal.headers.get('cache-control')]).toEqual([
      'fwd=request;fwd-status=200;detail=cookie',
      PRIVATE,
    ])
  })

  test('also for those at once, who were not judged one by one', async () => {
    const { fetch } = serve((request) => new Response(request.headers.get('x-user-id')), { ttl: '1m' })
    const answers = []
    for (let i = 0; i < 20; i++) {
      answers.push(await fetch(new Request('http://a.test/x', { headers: { 'x-user-id': `${i}` } })))
    }
    expect(new Set(answers.map(({ headers }) => headers.get('cache-control')))).toEqual(new Set([PRIVATE]))
    expect(answers.some(({ headers }) => headers.get('cache-status')?.includes('not stored of late'))).toBe(true)
  })
})

test.each(['max-age=5', 'public'])('what the handler says of caching itself stays as it is: %s', async (control) => {
  const { ask } = serve(() => new Response('x', { headers: { 'cache-control': control } }), { ttl: '1m' })
  for (const headers of [ALICE, { authorization: 'Bearer alice' }]) {
    expect((await ask('/x', headers)).headers.get('cache-control')).toBe(control)
  }
})

test.each([
  [{ 'cache-control': 'max-age=60' }, 'private, max-age=60'],
  // file senders add `public` by themselves
  [{ 'cache-control': 'public, max-age=60' }, 'private, max-age=60'],
  [{ 'cache-control': 'max-age=60 , Public' }, 'private, max-age=60'],
  [{ 'cache-control': 'public' }, 'private'],
  [{ expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }, 'private'],
  [{ 'cache-control': 'private, max-age=60' }, 'private, max-age=60'],
  [{ 'cache-control': 'no-store' }, 'no-store'],
  // who says this has thought of caches in between
  [{ 'cache-control': 's-maxage=60' }, 's-maxage=60'],
])('what was made of what nothing tells apart is for browsers alone: %j', async (stated, told) => {
  for (const name of ['x-user-id', 'x-beta']) {
    const { ask } = serve((request) => new Response(request.headers.get(name), { headers: stated }), {
      ttl: '1m',
      onUnkeyedInput() {},
    })
    for (let round = 0; round < 3; round++) {
      const { headers } = await ask('/x', { [name]: 'alice' })
      expect([headers.get('cache-control'), headers.get('expires')]).toEqual([told, new Headers(stated).get('expires')])
    }
  }
})

test('a cache that goes by header fields alone says nothing of its own', async () => {
  const { ask } = serve(() => new Response('x'), { profile: 'rfc9111' })
  expect((await ask('/x', { authorization: 'Bearer alice' })).headers.get('cache-control')).toBeNull()
})
