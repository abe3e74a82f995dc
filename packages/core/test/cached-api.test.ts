import type { Cache } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { createSource, pending, quiet, soon } from './deferred.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'
import { thrown } from './thrown.ts'

const LIFETIME = { ttl: '1m', staleWhileRevalidate: '10m', staleIfError: '1h', jitter: 0 } as const

describe.each(setUps)('the wrapper, %s', (setUp) => {
  const store = setUp === 'remote' ? 'remote' : 'local'
  const remote = setUp === 'local' ? 'none' : 'done'

  function setUpOne() {
    const world = createWorld(setUp)
    const { cache, connection } = world.start()
    let loads = 0
    const get = cache.cached(async (id: number) => `${id}:${++loads}`, { name: 'value', ...LIFETIME })
    return { ...world, cache, connection, get, loads: () => loads }
  }

  test('read tells value, outcome, age, tier and store', async () => {
    const { get, clock } = setUpOne()
    expect(await get.read(1)).toEqual({ value: '1:1', outcome: 'miss', age: 0, tier: 'dynamic', store: 'loader' })
    clock.advance(1000)
    // the heartbeat of the bus arrives
    await quiet()
    expect(await get.read(1)).toEqual({ value: '1:1', outcome: 'hit', age: 1000, tier: 'dynamic', store })
    clock.advance(59_000)
    await quiet()
    expect(await get.read(1)).toEqual({ value: '1:1', outcome: 'stale', age: 60_000, tier: 'dynamic', store })
    await quiet()
    expect(await get.read(1)).toEqual({ value: '1:2', outcome: 'hit', age: 0, tier: 'dynamic', store })
  })

  test('read of those who joined a load tells of the load', async () => {
    const { get } = setUpOne()
    const reads = await Promise.all([get.read(1), get.read(1)])
    expect(reads).toEqual(Array.from({ length: 2 }, () => reads[0]))
    expect(reads[0]).toMatchObject({ outcome: 'miss', store: 'loader' })
  })

  test('peek is the cached value, fresh or stale, and undefined for what would be loaded', async () => {
    const { get, clock } = setUpOne()
    expect(await get.peek(1)).toBeUndefined()
    await get(1)
    expect(await get.peek(1)).toBe('1:1')
    clock.advance(60_000)
    expect(await get.peek(1)).toBe('1:1')
    clock.advance(600_000)
    expect(await get.peek(1)).toBeUndefined()
  })

  test('peek neither loads, nor refreshes, nor counts, nor tells', async () => {
    const { cache, get, clock, loads } = setUpOne()
    await get(1)
    clock.advance(60_000)
    const before = cache.stats()
    let events = 0
    for (const type of ['hit', 'stale', 'miss', 'load'] as const) cache.on(type, () => events++)
    await Promise.all([get.peek(1), get.peek(2)])
    await quiet()
    expect(loads()).toBe(1)
    expect(events).toBe(0)
    expect({ ...cache.stats(), entries: 0, bytes: 0 }).toEqual({ ...before, entries: 0, bytes: 0 })
  })

  test('peek does not wait for a running load', async () => {
    const { cache } = setUpOne()
    const get = cache.cached(() => new Promise<string>(() => {}), { name: 'hanging' })
    void get()
    await quiet()
    expect(await soon(get.peek())).toBeUndefined()
  })

  test('refresh loads although the value is fresh, and keeps what it loaded', async () => {
    const { get, clock } = setUpOne()
    await get(1)
    clock.advance(30_000)
    expect(await get.refresh(1)).toBe('1:2')
    expect(await get.read(1)).toMatchObject({ value: '1:2', outcome: 'hit', age: 0 })
    expect(await get.refresh(2)).toBe('2:3')
    expect(await get(2)).toBe('2:3')
  })

  test('who calls while refresh loads is served what is cached, or waits for what it loads', async () => {
    const { cache } = setUpOne()
    const { load, runs } = createSource()
    const get = cache.cached(load, { name: 'refreshed' })
    const refreshed = get.refresh()
    await quiet()
    const call = get()
    await quiet()
    runs[0]?.resolve('new')
    expect([await refreshed, await call]).toEqual(['new', 'new'])
    expect(runs).toHaveLength(1)
  })

  test('set puts a value in place, which every call gives, and says what became of it', async () => {
    const { get, loads } = setUpOne()
    expect(await get.set('set', 1)).toEqual({ local: true, remote })
    expect([await get(1), await get.peek(1), (await get.read(1)).outcome]).toEqual(['set', 'set', 'hit'])
    await get.set('again', 1)
    expect(await get(1)).toBe('again')
    expect(loads()).toBe(0)
  })

  test('set of undefined is refused, and what is cached stays', async () => {
    const { cache, get } = setUpOne()
    await get(1)
    const nothing = undefined as unknown as string
    await expect(get.set(nothing, 1)).rejects.toMatchObject({ code: 'invalid-option' })
    await expect(cache.set('key', nothing)).rejects.toMatchObject({ code: 'invalid-option' })
    expect(await get(1)).toBe('1:1')
  })

  test('invalidate, expire, their tags and clear say what is known when they resolve', async () => {
    const { cache, get } = setUpOne()
    const told: unknown[] = []
    for (const type of ['invalidate', 'expire', 'invalidateTags', 'expireTags'] as const) {
      cache.on(type, (event) => told.push([type, event]))
    }
    const results = [
      await get.invalidate(1),
      await get.expire(1),
      await cache.invalidate('key'),
      await cache.expire('key'),
      await cache.invalidateTags(['a', 'b/c']),
      await cache.expireTags(['a']),
      await cache.clear(),
    ]
    expect(results).toEqual(results.map(() => ({ local: true, remote })))
    expect(told).toEqual([
      ['invalidate', { names: ['shop/value(1)'], remote }],
      ['expire', { names: ['shop/value(1)'], remote }],
      ['invalidate', { names: ['shop/("key")'], remote }],
      ['expire', { names: ['shop/("key")'], remote }],
      ['invalidateTags', { names: ['shop#a', 'shop#b/c'], remote }],
      ['expireTags', { names: ['shop#a'], remote }],
      ['invalidateTags', { names: ['shop'], remote }],
    ])
  })

  test('key is the full key, and the arguments that make it are those of the `key` option', async () => {
    const { cache, get } = setUpOne()
    expect(get.key(42)).toBe('shop/value(42)')
    const byId = cache.cached(async (user: { readonly id: number; readonly name: string }) => user.name, {
      name: 'user',
      version: 2,
      key: ({ id }) => id,
    })
    expect(byId.key({ id: 1, name: 'Ada' })).toBe('shop/user@2(1)')
    await byId({ id: 1, name: 'Ada' })
    expect(await byId({ id: 1, name: 'Bob' })).toBe('Ada')
    const inside = cache.namespace('eu').cached(async () => 1, { name: 'value' })
    expect(inside.key()).toBe('shop/eu/value()')
  })

  test('an argument that cannot be part of a key is refused in every way to call, and the loader is not asked', async () => {
    const { cache } = setUpOne()
    let loads = 0
    const get = cache.cached(async (_id: number, _run: () => void) => ++loads, { name: 'refused' })
    const run = (): void => {}
    const code = 'invalid-key'
    for (const call of [get, get.read, get.peek, get.refresh, get.invalidate, get.expire]) {
      await expect(call(1, run)).rejects.toMatchObject({ code, message: expect.stringContaining('argument 2') })
    }
    await expect(get.set(1, 1, run)).rejects.toMatchObject({ code })
    expect(thrown(() => get.key(1, run)).code).toBe(code)
    expect(loads).toBe(0)
  })

  test('a loader may be synchronous, and what it throws synchronously rejects', async () => {
    const { cache } = setUpOne()
    const failure = new Error('no')
    const get = cache.cached(
      (id: number) => {
        if (id < 0) throw failure
        return id
      },
      { name: 'synchronous' },
    )
    expect([await get(1), await get(1), (await get.read(1)).outcome]).toEqual([1, 1, 'hit'])
    await expect(get(-1)).rejects.toBe(failure)
    await expect(get.refresh(-1)).rejects.toBe(failure)
    await expect(cache.getOrLoad('key', () => Promise.reject<number>(failure))).rejects.toBe(failure)
    expect(await cache.getOrLoad('key', () => 1)).toBe(1)
  })

  test('a function for tags or key that throws rejects the call and locks nothing', async () => {
    const { cache } = setUpOne()
    let isBroken = true
    const failure = new Error('broken')
    const breaking =
      <T>(value: T) =>
      (): T => {
        if (isBroken) throw failure
        return value
      }
    const tagged = cache.cached(async () => 1, { name: 'tagged', tags: breaking(['a']) })
    const keyed = cache.cached(async () => 1, { name: 'keyed', key: breaking('a') })
    for (const get of [tagged, keyed]) {
      for (const call of [get, get.read, get.peek, get.refresh]) await expect(call()).rejects.toBe(failure)
      await expect(get.set(1)).rejects.toBe(failure)
    }
    isBroken = false
    expect([await tagged(), await keyed()]).toEqual([1, 1])
  })

  test('nothing needs a `this`', async () => {
    const { cache } = setUpOne()
    const { cached, get, set, read, getOrLoad, invalidate, expire, invalidateTags, expireTags, clear, namespace, on } =
      cache
    const { stats, close } = cache
    const wrapped = cached(async (id: number) => id, { name: 'free' })
    const { key, peek, refresh, ...rest } = wrapped
    const heard: unknown[] = []
    const stop = on('hit', (event) => heard.push(event.key))
    await refresh(1)
    expect([key(1), await peek(1), (await rest.read(1)).value]).toEqual(['shop/free(1)', 1, 1])
    await rest.set(2, 1)
    await rest.expire(1)
    await rest.invalidate(1)
    await set('key', 1)
    expect([await get('key'), (await read('key'))?.value, await getOrLoad('key', () => 2)]).toEqual([1, 1, 1])
    await namespace('eu').set('key', 1)
    await expire('key')
    await invalidate('key')
    await invalidateTags(['a'])
    await expireTags(['a'])
    await clear()
    stop()
    expect(heard).toHaveLength(4)
    expect(stats().hits).toBe(4)
    await close()
  })

  test('get is the value while it is fresh, read tells about it, and both count', async () => {
    const { cache, clock } = setUpOne()
    expect([await cache.get('key'), await cache.read('key')]).toEqual([undefined, undefined])
    await cache.set('key', 1, { ...LIFETIME, tier: 'static' })
    clock.advance(1000)
    expect(await cache.get('key')).toBe(1)
    expect(await cache.read('key')).toEqual({ value: 1, outcome: 'hit', age: 1000, tier: 'static', store })
    clock.advance(59_000)
    expect([await cache.get('key'), await cache.read('key')]).toEqual([undefined, undefined])
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 4, staleHits: 0 })
  })

  test('getOrLoad loads once, and its options count for the load', async () => {
    const { cache, clock } = setUpOne()
    let loads = 0
    const load = (): number => ++loads
    expect(await cache.getOrLoad(['user', 1], load, { ...LIFETIME, staleWhileRevalidate: 0 })).toBe(1)
    expect(await cache.getOrLoad(['user', 1], load)).toBe(1)
    expect(await cache.get(['user', 1])).toBe(1)
    clock.advance(60_000)
    expect(await cache.getOrLoad(['user', 1], load)).toBe(2)
    await cache.invalidate(['user', 1])
    expect(await cache.getOrLoad(['user', 1], load)).toBe(3)
  })

  test('getOrLoad gives the loader a context', async () => {
    const { cache } = setUpOne()
    await cache.getOrLoad('key', (context) => {
      context.tag('a')
      expect(context.key).toBe('shop/("key")')
      expect(context.signal.aborted).toBe(false)
      expect(context.stale).toBeUndefined()
      return 1
    })
    await cache.invalidateTags(['a'])
    expect(await cache.get('key')).toBeUndefined()
  })

  test('a name is taken once, and every other name or namespace is free', () => {
    const { cache } = setUpOne()
    const load = async (): Promise<number> => 1
    const { code, message } = thrown(() => cache.cached(load, { name: 'value' }))
    expect(code).toBe('duplicate-name')
    expect(message).toContain("'value'")
    cache.cached(load, { name: 'value', version: 2 })
    expect(thrown(() => cache.cached(load, { name: 'value', version: 2 })).code).toBe('duplicate-name')
    cache.namespace('eu').cached(load, { name: 'value' })
    // a name that was refused for another reason is not taken
    expect(thrown(() => cache.cached(load, { name: 'free', ttl: 0 })).code).toBe('invalid-duration')
    cache.cached(load, { name: 'free' })
  })

  test('after close calls go to the loader, and nothing is kept', async () => {
    const { cache, get, loads } = setUpOne()
    await get(1)
    await cache.close()
    expect(await get(1)).toBe('1:2')
    expect(await get.read(1)).toMatchObject({ value: '1:3', outcome: 'bypass', store: 'loader' })
    expect(await get.refresh(1)).toBe('1:4')
    expect(await cache.getOrLoad('key', () => 1)).toBe(1)
    expect(await cache.getOrLoad('key', () => 2)).toBe(2)
    expect(loads()).toBe(4)
    expect(cache.stats().entries).toBe(0)
  })

  test('after close errors of the loader are thrown as ever', async () => {
    const { cache } = setUpOne()
    const failure = new Error('source is down')
    const get = cache.cached(() => Promise.reject<number>(failure), { name: 'failing' })
    await cache.close()
    await expect(get()).rejects.toBe(failure)
  })

  test('after close there is nothing to get, and to set or invalidate throws nothing', async () => {
    const { cache, get } = setUpOne()
    await cache.set('key', 1)
    await cache.close()
    expect([await cache.get('key'), await cache.read('key'), await get.peek(1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    await cache.set('key', 2)
    await get.set('2', 1)
    await get.invalidate(1)
    await cache.clear()
  })

  test('close leaves no timer behind and may be called again', async () => {
    const { cache, get, clock } = setUpOne()
    await get(1)
    clock.advance(60_000)
    await get(1)
    await Promise.all([cache.close(), cache.close()])
    await cache.close()
    await quiet()
    expect(clock.pending()).toBe(0)
  })

  test('close waits for a load that runs, and for a refresh in the background', async () => {
    for (const isBackground of [false, true]) {
      const { cache, clock } = setUpOne()
      const { load, runs } = createSource()
      const get = cache.cached(load, { name: 'slow', ...LIFETIME })
      if (isBackground) {
        await get.set('old')
        clock.advance(60_000)
      }
      const call = get()
      await quiet()
      const closed = cache.close()
      expect(await soon(closed)).toBe(pending)
      expect(await soon(cache.close())).toBe(pending)
      runs[0]?.resolve('new')
      await closed
      expect(await call).toBe(isBackground ? 'old' : 'new')
      expect(clock.pending()).toBe(0)
    }
  })
})

describe.each(withRemote)('close, %s', (setUp) => {
  test('waits for what is on its way to the remote store', async () => {
    const world = createWorld(setUp)
    const { cache, hold } = world.start()
    const get = cache.cached(async () => 1, { name: 'value' })
    const held = hold('commit request')
    const call = get()
    await held.reached
    const closed = cache.close()
    expect(await soon(closed)).toBe(pending)
    held.letGo()
    await closed
    await call
    const other = world.start().cache.cached(async () => 2, { name: 'value' })
    expect(await other()).toBe(1)
  })

  test('closes the store even if it has not been answering', async () => {
    const clock = fakeClock()
    const remote = createReferenceServer({ clock }).connect({ clock })
    const down = async (): Promise<never> => Promise.reject(new Error('store is down'))
    let isClosed = false
    const broken = {
      ...remote,
      read: down,
      open: down,
      capture: down,
      async close() {
        isClosed = true
        await remote.close()
      },
    }
    const store = setUp === 'remote' ? broken : ([memoryStore({ clock }), broken] as const)
    const cache: Cache = createCache({ namespace: 'shop', store, clock })
    const get = cache.cached(async (id: number) => id, { name: 'value' })
    for (let id = 0; id < 10; id++) await get(id)
    await cache.close()
    expect(isClosed).toBe(true)
    expect(clock.pending()).toBe(0)
  })
})
