import type { LoadContext } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import { quiet } from './deferred.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

describe.each(setUps)('P11, what is stated holds, %s', (setUp) => {
  function start() {
    const world = createWorld(setUp)
    // the heartbeats of minutes
    return { ...world, ...world.start({ bus: false }) }
  }

  describe('a `ttl` without a tier', () => {
    test('serves nothing that is older, nor when loading fails', async () => {
      const { cache, clock } = start()
      let loads = 0
      const options = { name: 'value', ttl: SECOND, jitter: 0 } as const
      const get = cache.cached(async () => (++loads < 3 ? loads : Promise.reject(new Error('down'))), options)
      await get()
      clock.advance(SECOND)
      expect(await get.read()).toMatchObject({ value: 2, outcome: 'miss' })
      clock.advance(SECOND)
      await expect(get()).rejects.toThrow('down')
    })

    test('keeps the windows that are stated beside it', async () => {
      const { cache, clock } = start()
      const get = cache.cached(async () => 1, { name: 'value', ttl: SECOND, jitter: 0, staleWhileRevalidate: '1m' })
      await get()
      clock.advance(SECOND)
      expect(await get.read()).toMatchObject({ outcome: 'stale' })
    })

    test('is that of `getOrLoad` and of a load context too', async () => {
      const { cache, clock } = start()
      let loads = 0
      const ttlOf = (context: LoadContext) => (context.lifetime({ ttl: SECOND, jitter: 0 }), ++loads)
      const get = cache.cached(async (context) => ttlOf(context), { name: 'value', context: true })
      const windowed = cache.cached(async (context) => ttlOf(context), {
        name: 'windowed',
        context: true,
        staleWhileRevalidate: '1m',
      })
      await get()
      await windowed()
      await cache.getOrLoad('key', () => ++loads, { ttl: SECOND, jitter: 0 })
      clock.advance(SECOND)
      expect(await get.read()).toMatchObject({ outcome: 'miss' })
      expect(await windowed.read()).toMatchObject({ outcome: 'stale' })
      expect(await cache.getOrLoad('key', () => 'new', { ttl: SECOND })).toBe('new')
    })

    test('a tier keeps its windows, whatever `ttl` is stated beside it', async () => {
      const { cache, clock } = start()
      const get = cache.cached(async () => 1, { name: 'value', tier: 'realtime', ttl: SECOND, jitter: 0 })
      await get()
      clock.advance(SECOND)
      expect(await get.read()).toMatchObject({ outcome: 'stale' })
    })
  })

  test('`null` is not served for longer than a value would be, whatever windows `absent` has', async () => {
    const world = createWorld(setUp)
    const { cache } = world.start({
      bus: false,
      tiers: { absent: { ttl: '10s', staleWhileRevalidate: '1h', jitter: 0 } },
    })
    const get = cache.cached(async () => null, { name: 'value', ttl: SECOND, jitter: 0 })
    await get()
    world.clock.advance(SECOND)
    expect(await get.read()).toMatchObject({ outcome: 'miss' })
  })

  describe('`sliding`', () => {
    const sliding = { ttl: MINUTE, sliding: true, jitter: 0 } as const

    test.each(['get', 'read'] as const)('slides what was set, with each `%s`', async (read) => {
      const { cache, clock } = start()
      await cache.set('session', { user: 1 }, sliding)
      for (let i = 0; i < 10; i++) {
        clock.advance(MINUTE / 2)
        expect(await cache[read]('session')).toBeDefined()
        await quiet()
      }
      clock.advance(MINUTE)
      expect(await cache[read]('session')).toBeUndefined()
    })

    test('slides what a load context or `getOrLoad` has stated it for', async () => {
      const { cache, clock } = start()
      let loads = 0
      const options = { name: 'value', context: true } as const
      const get = cache.cached(async (context) => (context.lifetime(sliding), ++loads), options)
      for (let i = 0; i < 10; i++) {
        expect(await get()).toBe(1)
        expect(await cache.getOrLoad('key', () => i, sliding)).toBe(0)
        await quiet()
        clock.advance(MINUTE / 2)
      }
      clock.advance(MINUTE)
      expect(await get()).toBe(2)
    })
  })

  test('`earlyRefresh` of a load context refreshes in the last share of its `ttl`', async () => {
    const { cache, clock } = start()
    let loads = 0
    const early = { ttl: MINUTE, earlyRefresh: 0.5, jitter: 0 } as const
    const options = { name: 'value', context: true } as const
    const get = cache.cached(async (context) => (context.lifetime(early), ++loads), options)
    await get()
    clock.advance(MINUTE / 2 - 1)
    expect(await get()).toBe(1)
    await quiet()
    expect(loads).toBe(1)
    clock.advance(1)
    expect(await get()).toBe(1)
    await quiet()
    expect(await get()).toBe(2)
  })

  test('`softTimeout` holds for whoever joins, whenever that is', async () => {
    const { cache, clock } = start()
    let loads = 0
    const options = { name: 'value', ttl: SECOND, jitter: 0, staleIfError: '1h', softTimeout: 100 } as const
    const get = cache.cached(async () => (++loads === 1 ? 'old' : new Promise<string>(() => {})), options)
    await get()
    clock.advance(2 * SECOND)
    const first = get()
    await quiet()
    clock.advance(20)
    const second = get()
    await quiet()
    clock.advance(80)
    expect(await Promise.all([first, second])).toEqual(['old', 'old'])
    clock.advance(300)
    const third = get()
    await quiet()
    clock.advance(0)
    expect(await third).toBe('old')
    expect(loads).toBe(2)
  })
})

describe.each(withRemote)('P11, several processes, %s', (setUp) => {
  test('whoever joins a slow load is not given what was invalidated elsewhere since it began', async () => {
    const { clock, start } = createWorld(setUp)
    let loads = 0
    const load = async () =>
      ++loads === 1 ? 'old' : new Promise<string>((resolve) => void clock.after(3 * SECOND, () => resolve('new')))
    const options = {
      name: 'value',
      ttl: SECOND,
      jitter: 0,
      staleIfError: '1h',
      softTimeout: 100,
      tags: ['tag'],
    } as const
    const here = start().cache
    const elsewhere = start().cache
    const get = here.cached(load, options)
    await get()
    await quiet()
    clock.advance(2 * SECOND)
    const first = get()
    await quiet()
    clock.advance(50)
    await elsewhere.invalidateTags(['tag'])
    const second = get()
    await quiet()
    clock.advance(50)
    await quiet()
    expect(await first).toBe('old')
    for (let i = 0; i < 8; i++) {
      clock.advance(SECOND)
      await quiet()
    }
    expect(await second).toBe('new')
  })
})
