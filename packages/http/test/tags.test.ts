import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { expect, test } from 'vitest'

import type { RouteOptions } from '../src/index.ts'
import { createResponseCache, incomingOf } from '../src/index.ts'
import { ORIGIN, serve } from './serve.ts'

const TTL = { ttl: '1m', staleWhileRevalidate: 0 } as const

type Tags = RouteOptions['tags']

test.each(['a//b', 'a/', '/', '', 'é☕', 'x'.repeat(3000), 'a\nb,c;d#e', 'page:/x?y=%2F', '42'])(
  'any text is a tag: %j',
  async (tag) => {
    const { ask, cache } = serve((_, run) => new Response(`run ${run}`), { ...TTL, tags: () => [tag, 'other'] })
    expect((await ask('/x')).cacheStatus).toContain(';stored')
    expect((await ask('/x')).cacheStatus).toMatch(/^hit/)
    await cache.invalidateTags([tag])
    expect((await ask('/x')).text).toBe('run 2')
    await cache.invalidateTags(['other'])
    expect((await ask('/x')).text).toBe('run 3')
  },
)

test('one text in the place of a list is that tag', async () => {
  for (const tags of ['product', () => 'product'] as unknown as Tags[]) {
    const { ask, cache, responses } = serve((_, run) => new Response(`run ${run}`), { ...TTL, tags: tags as never })
    await ask('/x')
    await cache.invalidateTags(['p'])
    expect((await ask('/x')).text).toBe('run 1')
    await cache.invalidateTags(['product'])
    expect((await ask('/x')).text).toBe('run 2')
    const incoming = incomingOf(new Request(`${ORIGIN}/y`, { method: 'PUT' }))
    await responses.invalidate({ incoming, status: 204, headers: [], tags: tags as never })
    expect((await ask('/x')).text).toBe('run 3')
  }
})

test.each<[string, unknown]>([
  ['nothing', () => undefined],
  ['null', () => null],
  ['an object', () => ({ product: 1 })],
  ['a promise', () => Promise.resolve(['product'])],
  ['a list with nothing in it that is text', () => ['product', undefined]],
])('%s in the place of tags: the response is answered, not stored, and is not said to be', async (_, tags) => {
  const { ask } = serve(() => new Response('x'), { ...TTL, tags: tags as never })
  expect(await ask('/x')).toMatchObject({
    text: 'x',
    cacheStatus: 'fwd=uri-miss;fwd-status=200;detail=invalid-tag',
  })
  expect((await ask('/x')).cacheStatus).not.toMatch(/;stored|hit/)
})

test('a CDN is told tags that are numbers as text, and nothing of what is no tag', async () => {
  for (const [tags, told] of [
    [[42, 'a'], 'test test#42 test#a'],
    [[undefined, 'a'], null],
  ] as const) {
    const { ask } = serve(() => new Response('x'), { ...TTL, cdn: 'fastly', tags: () => tags as never })
    const { status, headers } = await ask('/x')
    expect([status, headers.get('surrogate-key')]).toEqual([200, told])
  }
})

test.each<[string, unknown, string]>([
  ['is none', () => ['product', undefined], 'a tag must be'],
  ['is in no list', () => Promise.resolve(['x']), 'a tag must be'],
  [
    'cannot be worked out',
    () => {
      throw new Error('no tags')
    },
    'no tags',
  ],
])('a write of which one tag %s voids everything else, and does not pass for done', async (what, tags, message) => {
  const { ask, responses } = serve((_, run) => new Response(`run ${run}`), { ...TTL, tags: ['product'] })
  await ask('/x')
  await ask('/y')
  const incoming = incomingOf(new Request(`${ORIGIN}/x`, { method: 'PUT' }))
  const write = responses.invalidate({ incoming, status: 204, headers: [], tags: tags as never })
  await expect(write).rejects.toThrow(message)
  expect((await ask('/x')).text).toBe('run 3')
  expect((await ask('/y')).text).toBe(what === 'is none' ? 'run 4' : 'run 2')
})

test('a write whose invalidation has to reach the remote store, and does not, rejects', async () => {
  const clock = fakeClock()
  const store = createReferenceServer({ clock }).connect({ clock })
  let isAway = false
  const invalidateTags: typeof store.invalidateTags = (...args) =>
    isAway ? Promise.reject(new Error('away')) : store.invalidateTags(...args)
  const cache = createCache({ namespace: 'test', clock, store: { ...store, invalidateTags }, require: 'remote' })
  const responses = createResponseCache({ cache })
  const incoming = incomingOf(new Request(`${ORIGIN}/x`, { method: 'PUT' }))
  const write = { incoming, status: 204, headers: [], tags: [] }
  await responses.invalidate(write)
  isAway = true
  await expect(responses.invalidate(write)).rejects.toMatchObject({ code: 'remote-unreachable' })
})
