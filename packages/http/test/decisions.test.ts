import { expect, test } from 'vitest'

import { askDeciding, serve } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0 } as const

test('a handler keeps its response from being stored', async () => {
  let runs = 0
  const ask = askDeciding(
    serve(() => new Response('')),
    TTL,
    (decisions) => {
      decisions.noStore()
      return new Response(`run ${++runs}`)
    },
  )
  expect((await ask('/x')).cacheStatus).toBe('fwd=uri-miss;fwd-status=200;detail=decided')
  expect((await ask('/x')).text).toBe('run 2')
})

test('a handler adds tags, beside those of the route', async () => {
  const served = serve(() => new Response(''))
  let runs = 0
  const ask = askDeciding(served, { ...TTL, tags: ['page'] }, (decisions) => {
    decisions.tag('author/ann', 'author/bob')
    decisions.tag('seen')
    return new Response(`run ${++runs}`)
  })
  for (const tag of ['page', 'author/ann', 'author/bob', 'seen', 'author']) {
    await ask('/x')
    expect((await ask('/x')).cacheStatus, tag).toMatch(/^hit/)
    await served.cache.invalidateTags([tag])
    expect((await ask('/x')).cacheStatus, tag).not.toMatch(/^hit/)
  }
})

test('a handler gives its response another lifetime, by number or by tier', async () => {
  const served = serve(() => new Response(''))
  const ask = askDeciding(served, TTL, (decisions, request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/short') decisions.lifetime({ ttl: '5s' })
    if (pathname === '/tier') decisions.lifetime({ tier: 'static' })
    return new Response('')
  })
  for (const [target, ttl] of [
    ['/usual', 60],
    ['/short', 5],
    ['/tier', 21_600],
  ] as const) {
    await ask(target)
    expect((await ask(target)).cacheStatus).toBe(`hit;ttl=${ttl}`)
  }
})

test('what a response says against being stored wins over what the handler decides', async () => {
  let runs = 0
  const ask = askDeciding(
    serve(() => new Response('')),
    TTL,
    (decisions) => {
      decisions.lifetime({ ttl: '1h' })
      return new Response(`run ${++runs}`, { headers: { 'cache-control': 'private' } })
    },
  )
  await ask('/x')
  expect((await ask('/x')).text).toBe('run 2')
})

test('tags of the route come from the request', async () => {
  const { ask, cache, requests } = serve((_request, run) => new Response(`run ${run}`), {
    ...TTL,
    tags: (request) => [`product:${new URL(request.url).searchParams.get('id')}`],
  })
  await ask('/x?id=1')
  await ask('/x?id=2')
  await cache.invalidateTags(['product:1'])
  expect((await ask('/x?id=1')).text).toBe('run 3')
  expect((await ask('/x?id=2')).text).toBe('run 2')
  expect(requests).toHaveLength(3)
})

test('a tag that cannot be one breaks no answer', async () => {
  let runs = 0
  const ask = askDeciding(
    serve(() => new Response('')),
    TTL,
    (decisions) => {
      decisions.tag(undefined as never)
      return new Response(`run ${++runs}`)
    },
  )
  const answers = await Promise.all([ask('/x'), ask('/x'), ask('/x')])
  for (const { status, text } of answers) expect([status, text]).toEqual([200, expect.stringMatching(/^run [123]$/)])
})

test('a lifetime that cannot be one is the fault of the handler, and no answer hangs for it', async () => {
  const ask = askDeciding(
    serve(() => new Response('')),
    TTL,
    (decisions) => {
      decisions.lifetime({ ttl: 0 })
      return new Response('')
    },
  )
  const [first, ...others] = await Promise.allSettled([ask('/x'), ask('/x'), ask('/x')])
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'invalid-duration' } })
  // they have their own, which nobody wanted to store
  for (const other of others) expect(other).toMatchObject({ status: 'fulfilled', value: { status: 200 } })
})
