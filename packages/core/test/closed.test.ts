import type { Cache } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { createWorld, setUps } from './set-ups.ts'

describe.each(setUps)('a closed cache says so, %s', (setUp) => {
  test('for whatever would have to be told to the store', async () => {
    const { cache } = createWorld(setUp).start()
    let untold = 0
    cache.on('untold', () => void untold++)
    const get = cache.cached(async () => 1, { name: 'value' })
    await get()
    await cache.close()
    const calls: readonly (() => ReturnType<Cache['clear']>)[] = [
      () => get.invalidate(),
      () => get.expire(),
      () => get.set(1),
      () => cache.set('key', 1),
      () => cache.invalidate('key'),
      () => cache.expire('key'),
      () => cache.invalidateTags(['tag']),
      () => cache.expireTags(['tag']),
      () => cache.clear(),
    ]
    for (const call of calls) expect(await call()).toEqual({ local: true, remote: 'closed' })
    const required = { require: 'remote' } as const
    for (const call of [cache.invalidate('key', required), cache.set('key', 1, required), cache.clear(required)]) {
      if (setUp === 'local') expect(await call).toEqual({ local: true, remote: 'closed' })
      else await expect(call).rejects.toMatchObject({ code: 'remote-unreachable', message: /closed/ })
    }
    expect(cache.health()).toMatchObject({ ok: false })
    expect(untold).toBe(0)
  })

  test('reads go to the loader', async () => {
    const { cache } = createWorld(setUp).start()
    let loads = 0
    const get = cache.cached(async () => ++loads, { name: 'value' })
    await get()
    await cache.close()
    expect(await get.read()).toMatchObject({ value: 2, outcome: 'bypass', store: 'loader' })
    expect(await get.refresh()).toBe(3)
    expect(await cache.getOrLoad('key', () => 4)).toBe(4)
    expect(await cache.get('key')).toBeUndefined()
    expect(await get.peek()).toBeUndefined()
  })
})
