import { findKept, hotReads, lifetimeIn, namespaceOf } from '@shelflife/core/integration'
import { describe, expect, test } from 'vitest'

import { createWorld, setUps } from './set-ups.ts'

describe.each(setUps)('with %s', (setUp) => {
  test('a value that is too old to be served is found while it is kept, with its age', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(() => 'old', {
      name: 'f',
      ttl: 1000,
      jitter: 0,
      staleWhileRevalidate: 0,
      staleIfError: 5000,
    })
    expect(await findKept(cache, get.key())).toBeUndefined()
    await get()
    clock.advance(3000)
    expect(await findKept(cache, get.key())).toEqual({ value: 'old', age: 3000 })
    clock.advance(3001)
    expect(await findKept(cache, get.key())).toBeUndefined()
  })

  test('a hot read finds what is fresh here and nothing else, and is counted when it was used', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(() => 'value', { name: 'f', ttl: 1000, jitter: 0, staleWhileRevalidate: 5000 })
    const hot = hotReads(cache, 'f')
    const key = get.key()
    expect(hot.find(key)).toBeUndefined()
    await get()
    clock.advance(400)
    const isLocal = cache.health().stores.some(({ kind }) => kind === 'local')
    expect(hot.find(key)).toEqual(isLocal ? { value: 'value', age: 400 } : undefined)
    const { hits } = cache.stats()
    hot.count(key)
    expect(cache.stats().hits).toBe(hits + 1)
    clock.advance(601)
    expect(hot.find(key)).toBeUndefined()
    await get()
    await get.invalidate()
    expect(hot.find(key)).toBeUndefined()
  })

  test('a loader knows whether anybody waits for it', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const seen: boolean[] = []
    const get = cache.cached(async (context) => seen.push(context.isRefresh), {
      name: 'f',
      context: true,
      ttl: 1000,
      jitter: 0,
      staleWhileRevalidate: 1000,
    })
    await get()
    clock.advance(1500)
    await get()
    await expect.poll(() => seen).toEqual([false, true])
    await get.refresh()
    expect(seen).toEqual([false, true, false])
  })
})

test('a lifetime is resolved with the tiers of the cache', () => {
  const { cache } = createWorld('local').start({ tiers: { quick: { ttl: '2s', staleIfError: '3s' } } })
  expect(lifetimeIn(cache, { tier: 'quick' })).toMatchObject({ ttl: 2000, staleIfError: 3000 })
  expect(lifetimeIn(cache, { tier: 'quick', ttl: '5s' })).toMatchObject({ ttl: 5000, staleIfError: 3000 })
  expect(lifetimeIn(cache, {})).toMatchObject({ ttl: 60_000 })
})

test('the namespace of a view is its own', () => {
  const { cache } = createWorld('local').start({ namespace: 'shop' })
  expect(namespaceOf(cache)).toBe('shop')
  expect(namespaceOf(cache.namespace('eu'))).toBe('shop/eu')
})
