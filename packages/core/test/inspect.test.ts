import type { createCache } from '@shelflife/core'
import { inspect, invalidateKey } from '@shelflife/core/inspect'
import { describe, expect, test } from 'vitest'

import { createWorld, setUps } from './set-ups.ts'

const SECRET = 'the value itself'

describe.each(setUps)('with %s', (setUp) => {
  const stored = setUp === 'remote' ? 'remote' : 'local'

  test('an entry is described by its full key, without its value', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached(async (_id: number) => SECRET, {
      name: 'product',
      ttl: 1000,
      jitter: 0,
      tags: ['catalog/tv'],
      staleWhileRevalidate: 0,
      staleIfError: 500,
    })
    await get(42)
    clock.advance(400)
    const found = await inspect(cache, get.key(42))
    expect(found).toMatchObject({
      key: get.key(42),
      name: 'product',
      tier: 'dynamic',
      phase: 'fresh',
      age: 400,
      freshFor: 600,
      keptFor: 1100,
      store: stored,
      tags: ['catalog', 'catalog/tv'],
    })
    expect(JSON.stringify(found)).not.toContain(SECRET)
  })

  test('looking loads nothing and counts nothing', async () => {
    const { start } = createWorld(setUp)
    const { cache } = start()
    let loads = 0
    const get = cache.cached(() => ++loads, { name: 'f' })
    expect(await inspect(cache, get.key())).toBeUndefined()
    await get()
    const before = cache.stats()
    await inspect(cache, get.key())
    expect(cache.stats()).toEqual(before)
    expect(loads).toBe(1)
  })

  test('what is too old to be served but kept is described too, and nothing that was invalidated', async () => {
    const { clock, start } = createWorld(setUp)
    const { cache } = start()
    const options = { ttl: 1000, jitter: 0, staleWhileRevalidate: 0, staleIfError: 5000 }
    const get = cache.cached((id: number) => id, { name: 'f', ...options, tags: (id) => [`t${id}`] })
    await get(1)
    await get(2)
    clock.advance(2000)
    expect(await inspect(cache, get.key(1))).toMatchObject({ phase: 'expired', freshFor: -1000 })
    await cache.invalidateTags(['t1'])
    await get.invalidate(2)
    expect(await inspect(cache, get.key(1))).toBeUndefined()
    expect(await inspect(cache, get.key(2))).toBeUndefined()
  })

  test('a full key can be invalidated, also for a load that is running', async () => {
    const { start } = createWorld(setUp)
    const { cache } = start()
    let version = 1
    const get = cache.cached(() => version, { name: 'f' })
    await get()
    version = 2
    await invalidateKey(cache, get.key())
    expect(await get()).toBe(2)
  })

  test('a long key, which is hashed for a remote store, is found as events have it', async () => {
    const { start } = createWorld(setUp)
    const { cache } = start()
    const get = cache.cached((text: string) => text.length, { name: 'f' })
    const keys: string[] = []
    cache.on('commit', ({ key }) => keys.push(key))
    await get('x'.repeat(1000))
    expect(await inspect(cache, keys[0]!)).toMatchObject({ name: 'f' })
  })

  test('keys of other namespaces are refused, those below are not', async () => {
    const { start } = createWorld(setUp)
    const { cache } = start({ namespace: 'shop' })
    const inner = cache.namespace('eu')
    const get = inner.cached(() => 1, { name: 'f' })
    await get()
    expect(await inspect(cache, get.key())).toMatchObject({ name: 'f' })
    for (const key of ['shopping/f()', 'other/f()', 'shop']) {
      await expect(inspect(cache, key)).rejects.toMatchObject({ code: 'invalid-option' })
      await expect(invalidateKey(cache, key)).rejects.toMatchObject({ code: 'invalid-option' })
    }
    await expect(inspect(inner, 'shop/f()')).rejects.toMatchObject({ code: 'invalid-option' })
  })
})

test('what is no cache is refused', async () => {
  await expect(inspect({} as ReturnType<typeof createCache>, 'a/b')).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining('createCache()'),
  })
})
