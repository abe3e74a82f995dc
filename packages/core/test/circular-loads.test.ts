import type { Cached } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { deferred, quiet } from './deferred.ts'
import { createWorld, setUps } from './set-ups.ts'

type Get = Cached<[id: number], unknown>

describe.each(setUps)('a load that waits for itself fails at once, and the error names the circle, %s', (setUp) => {
  const start = () => createWorld(setUp).start().cache

  test('one that asks for its own key', async () => {
    const get: Get = start().cached(async (id: number): Promise<unknown> => get(id), { name: 'a' })
    await expect(get(1)).rejects.toMatchObject({ code: 'circular-load', message: /shop\/a\(1\) → shop\/a\(1\)$/ })
  })

  test('one of several, by key as well', async () => {
    const cache = start()
    const a: Get = cache.cached(async (id: number): Promise<unknown> => b(id), { name: 'a' })
    const b: Get = cache.cached(async (id: number): Promise<unknown> => cache.getOrLoad(['c', id], () => a(id)), {
      name: 'b',
    })
    const circle = /shop\/\["c",1\] → shop\/a\(1\) → shop\/b\(1\) → shop\/\["c",1\]$/
    await expect(a(1)).rejects.toMatchObject({ code: 'circular-load', message: circle })
  })

  test('one that refreshes its own key', async () => {
    let runs = 0
    const get: Get = start().cached(async (id: number): Promise<unknown> => (runs++, get.refresh(id)), { name: 'a' })
    const circle = { code: 'circular-load', message: /: shop\/a\(1\) → shop\/a\(1\)$/ }
    await expect(get(1)).rejects.toMatchObject(circle)
    await expect(get.refresh(1)).rejects.toMatchObject(circle)
    expect(runs).toBe(2)
  })

  test('one of several that refreshes', async () => {
    const cache = start()
    const a: Get = cache.cached(async (id: number): Promise<unknown> => b(id), { name: 'a' })
    const b: Get = cache.cached(async (id: number): Promise<unknown> => a.refresh(id), { name: 'b' })
    const circle = { code: 'circular-load', message: /: shop\/b\(1\) → shop\/a\(1\) → shop\/b\(1\)$/ }
    await expect(a(1)).rejects.toMatchObject(circle)
    await expect(a.refresh(1)).rejects.toMatchObject(circle)
    await expect(a.read(1)).rejects.toMatchObject(circle)
    await expect(b.refresh(1)).rejects.toMatchObject({ code: 'circular-load' })
  })

  test('one that invalidates its own key and asks for it again', async () => {
    const cache = start()
    const get: Get = cache.cached(async (id: number): Promise<unknown> => (await get.invalidate(id), get(id)), {
      name: 'a',
    })
    await expect(get(1)).rejects.toMatchObject({ code: 'circular-load' })
    const load = async (): Promise<unknown> => {
      await cache.invalidateTags(['t'])
      return cache.getOrLoad('k', load, { tags: ['t'] })
    }
    await expect(cache.getOrLoad('k', load, { tags: ['t'] })).rejects.toMatchObject({ code: 'circular-load' })
  })

  test('one whose key has been set within it waits for nothing', async () => {
    const get: Get = start().cached(async (id: number): Promise<unknown> => (await get.set('set', id), 'loaded'), {
      name: 'a',
    })
    expect(await get(1)).toBe('loaded')
    expect(await get(1)).toBe('set')
  })

  test('a refresh that was begun within a load which has ended', async () => {
    const cache = start()
    const [go, later] = [deferred(), deferred<string>()]
    // where no load runs, nobody asks which one it is
    const other = cache.getOrLoad('other', async () => later.promise)
    let isFirst = true
    let refreshed: Promise<unknown> | undefined
    const get: Get = cache.cached(
      async (id: number): Promise<unknown> => {
        if (isFirst) refreshed = go.promise.then(() => get.refresh(id))
        const value = isFirst ? 'first' : 'second'
        isFirst = false
        return value
      },
      { name: 'a' },
    )
    expect(await get(1)).toBe('first')
    go.resolve()
    expect(await refreshed).toBe('second')
    later.resolve('other')
    await other
  })

  test('what can be read but once, and so is loaded for one caller alone', async () => {
    const cache = start()
    const go = deferred()
    const a: Get = cache.cached(async (id: number): Promise<unknown> => b(id), { name: 'a' })
    let runs = 0
    const b: Get = cache.cached(
      async (id: number): Promise<unknown> => {
        if (++runs > 1) return a(id)
        await go.promise
        return new Response('once')
      },
      { name: 'b' },
    )
    const first = b(1)
    const second = a(1)
    await quiet()
    go.resolve()
    expect(await first).toBeInstanceOf(Response)
    await expect(second).rejects.toMatchObject({ code: 'circular-load' })
  })

  test('two that were begun by different callers', async () => {
    const cache = start()
    const go = deferred()
    const a: Get = cache.cached(async (id: number): Promise<unknown> => (await go.promise, b(id)), { name: 'a' })
    const b: Get = cache.cached(async (id: number): Promise<unknown> => (await go.promise, a(id)), { name: 'b' })
    const calls = Promise.allSettled([a(1), b(1)])
    await quiet()
    go.resolve()
    const reasons = (await calls).map((call) =>
      call.status === 'rejected' ? (call.reason as { code: string }).code : '',
    )
    expect(reasons).toEqual(['circular-load', 'circular-load'])
  })

  test('what only looks like one is none', async () => {
    const cache = start()
    const sum: Cached<[n: number], number> = cache.cached(
      async (n: number): Promise<number> => (n < 2 ? n : (await sum(n - 1)) + (await sum(n - 2))),
      { name: 'fibonacci' },
    )
    expect(await sum(20)).toBe(6765)
    const leaf = cache.cached(async (id: number) => (await quiet(), id), { name: 'leaf' })
    const both = cache.cached(async (id: number) => Promise.all([leaf(id), leaf(id)]), { name: 'both' })
    expect(await Promise.all([both(1), both(1), leaf(1)])).toEqual([[1, 1], [1, 1], 1])
    // afterwards nobody waits any more
    const late: Get = cache.cached(async (id: number): Promise<unknown> => id, { name: 'late' })
    const outer: Get = cache.cached(
      async (id: number): Promise<unknown> => {
        void late(id).then(() => outer(id))
        return id
      },
      { name: 'outer' },
    )
    expect(await outer(1)).toBe(1)
  })
})
