import type { Cache as OriginalCache } from 'cache-manager'
import { createCache as createOriginal } from 'cache-manager'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'

import type { CacheManager } from '../src/index.ts'
import { createCacheManager } from '../src/create-cache-manager.ts'

type Common = Pick<OriginalCache, 'get' | 'set' | 'del' | 'clear' | 'mget' | 'ttl' | 'wrap' | 'disconnect'> &
  Pick<CacheManager, 'mset' | 'mdel'>

function ours(): Common {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  onTestFinished(() => cache.close())
  return createCacheManager(cache) as Common
}

// both have to do the same: what is asked of ours is what theirs does
describe.each([
  ['cache-manager', () => createOriginal() as unknown as Common],
  ['CACHE_MANAGER', ours],
])('%s', (_name, make) => {
  test('what is set is there, and what is not is undefined', async () => {
    const cache = make()
    expect(await cache.set('a', { deep: [1] })).toEqual({ deep: [1] })
    expect(await cache.get('a')).toEqual({ deep: [1] })
    expect(await cache.get('b')).toBeUndefined()
  })

  test.each([0, '', false, null, 'text', [1], new Date(0), new Map([[1, 2]])])('%j is kept as it is', async (value) => {
    const cache = make()
    await cache.set('value', value)
    expect(await cache.get('value')).toEqual(value)
  })

  test('a ttl is in milliseconds, and 0 or none means no end', async () => {
    const cache = make()
    await cache.set('short', 1, 500)
    await cache.set('zero', 2, 0)
    await cache.set('none', 3)
    expect(await cache.get('short')).toBe(1)
    await sleep(550)
    expect([await cache.get('short'), await cache.get('zero'), await cache.get('none')]).toEqual([undefined, 2, 3])
  })

  test('ttl says when a value ends', async () => {
    const cache = make()
    await cache.set('ending', 1, 60_000)
    await cache.set('lasting', 1)
    const end = (await cache.ttl('ending'))!
    expect(Math.abs(end - performance.timeOrigin - performance.now() - 60_000)).toBeLessThan(2000)
    expect([await cache.ttl('lasting'), await cache.ttl('missing')]).toEqual([undefined, undefined])
  })

  test('a long key is as good as a short one', async () => {
    const cache = make()
    const key = 'long/'.repeat(200)
    await cache.set(key, 1, 60_000)
    expect([await cache.get(key), await cache.get(`${key}x`)]).toEqual([1, undefined])
    expect(await cache.ttl(key)).toBeGreaterThan(0)
  })

  test('del takes one, clear takes all', async () => {
    const cache = make()
    for (const key of ['a', 'b', 'c']) await cache.set(key, key)
    expect(await cache.del('a')).toBe(true)
    expect(await cache.del('never')).toBe(true)
    expect(await cache.mget(['a', 'b', 'c'])).toEqual([undefined, 'b', 'c'])
    expect(await cache.clear()).toBe(true)
    expect(await cache.mget(['a', 'b', 'c'])).toEqual([undefined, undefined, undefined])
  })

  test('mset and mdel do the same for several', async () => {
    const cache = make()
    await cache.mset([
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: 60_000 },
    ])
    expect(await cache.mget(['a', 'b'])).toEqual([1, 2])
    expect(await cache.mdel(['a', 'b'])).toBe(true)
    expect(await cache.mget(['a', 'b'])).toEqual([undefined, undefined])
  })

  test('wrap loads once, also for callers at the same time', async () => {
    const cache = make()
    let runs = 0
    const load = async () => {
      await sleep(10)
      return ++runs
    }
    expect(await Promise.all([cache.wrap('w', load), cache.wrap('w', load)])).toEqual([1, 1])
    expect(await cache.wrap('w', load)).toBe(1)
    expect(await cache.get('w')).toBe(1)
  })

  test('wrap takes a ttl that depends on the value, and options', async () => {
    const cache = make()
    let runs = 0
    expect(
      await cache.wrap(
        'w',
        () => ++runs,
        (value) => value * 20,
      ),
    ).toBe(1)
    await sleep(50)
    expect(await cache.wrap('w', () => ++runs, { ttl: 60_000 })).toBe(2)
    expect(await cache.wrap('w', () => ++runs, { ttl: 60_000 })).toBe(2)
  })

  test('wrap refreshes in the background what is about to end', async () => {
    const cache = make()
    let runs = 0
    const wrapped = () => cache.wrap('w', () => ++runs, { ttl: 10_000, refreshThreshold: 9_990 })
    expect(await wrapped()).toBe(1)
    await sleep(30)
    expect(await wrapped()).toBe(1)
    await expect.poll(() => runs).toBe(2)
    await sleep(5)
    expect(await cache.get('w')).toBe(2)
  })

  test('a loader that fails is told and keeps nothing', async () => {
    const cache = make()
    await expect(cache.wrap('w', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await cache.get('w')).toBeUndefined()
    expect(await cache.wrap('w', () => 1)).toBe(1)
  })

  test('disconnect resolves', async () => {
    expect(await make().disconnect()).toBeUndefined()
  })
})

test('listeners hear of what is done', async () => {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  const manager = createCacheManager(cache)
  const heard: unknown[] = []
  manager.on('set', (data) => heard.push(['set', data]))
  manager.on('del', (data) => heard.push(['del', data]))
  manager.on('clear', () => heard.push('clear'))
  await manager.set('a', 1)
  await manager.del('a')
  await manager.clear()
  expect(heard).toEqual([['set', { key: 'a', value: 1 }], ['del', { key: 'a' }], 'clear'])
  await cache.close()
})

test('callers cannot change what others get', async () => {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  const manager = createCacheManager(cache)
  const given = { list: [1] }
  await manager.set('a', given)
  given.list.push(2)
  ;(await manager.get<{ list: number[] }>('a'))!.list.push(3)
  expect(await manager.get('a')).toEqual({ list: [1] })
  await cache.close()
})

test('clear leaves alone what was not set here', async () => {
  const cache = createCache({ namespace: 'test', store: memoryStore() })
  await cache.set('own', 1)
  await createCacheManager(cache).clear()
  expect(await cache.get('own')).toBe(1)
  await cache.close()
})

test.each([
  [{ ttl: -1 }, 'invalid-duration', 'manager.ttl'],
  [{ ttl: Number.NaN }, 'invalid-duration', 'manager.ttl'],
  [{ ttl: 'x' }, 'invalid-duration', 'manager.ttl'],
  [{ refreshThreshold: 1 }, 'invalid-option', "no option 'refreshThreshold'"],
  [5, 'invalid-option', 'manager must be an object'],
])('wrong options of the module are told when it is made: %j', (options, code, message) => {
  const cache = createCache({ namespace: 'wrong', store: memoryStore() })
  const make = () => createCacheManager(cache, options as never)
  expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }))
})
