import type { LoadContext } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { createSource, deferred, pending, quiet, soon } from './deferred.ts'
import type { SetUp } from './set-ups.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'
import { transcript } from './transcript.ts'

const LIFETIME = { ttl: '1m', staleWhileRevalidate: 0, staleIfError: '1h', jitter: 0 } as const
const failure = Object.freeze(new Error('source is down'))

function setUpOne(setUp: SetUp, options: Partial<Record<'softTimeout' | 'hardTimeout' | 'staleIfError', number>> = {}) {
  const world = createWorld(setUp)
  const process = world.start()
  const source = createSource<string | undefined>()
  const get = process.cache.cached(source.load, { name: 'value', ...LIFETIME, ...options })
  return { ...world, ...process, get, runs: source.runs }
}

/** A value that is too old to be served unless loading fails. */
async function setUpOld(setUp: SetUp, options: Parameters<typeof setUpOne>[1] = {}) {
  const one = setUpOne(setUp, options)
  await one.get.set('old')
  one.clock.advance(60_000)
  return one
}

beforeEach(() => {
  // back-off without its random part
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(setUps)('P4, %s', (setUp) => {
  test('when loading fails, the old value is served and the failure is reported', async () => {
    const { cache, get, runs } = await setUpOld(setUp)
    const told = transcript(cache)
    const failures: unknown[] = []
    cache.on('loadFailure', ({ error }) => failures.push(error))
    const call = get.read()
    await quiet()
    runs[0]?.reject(failure)
    expect(await call).toMatchObject({ value: 'old', outcome: 'stale', age: 60_000 })
    expect(told()).toEqual(['loadFailure', expect.stringMatching(/^stale \w+ load-failed$/)])
    expect(failures).toEqual([failure])
    expect(failures[0]).toBe(failure)
  })

  test('the value that is served comes from a store that there is', async () => {
    const { get, runs } = await setUpOld(setUp)
    const call = get.read()
    await quiet()
    runs[0]?.reject(failure)
    const { store } = await call
    expect(store).toBe(setUp === 'remote' ? 'remote' : 'local')
  })

  test('all who wait for the load that fails are served the old value, for one load', async () => {
    const { get, runs } = await setUpOld(setUp)
    const calls = Array.from({ length: 20 }, () => get())
    await quiet()
    runs[0]?.reject(failure)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['old']))
    expect(runs).toHaveLength(1)
  })

  test('when loading takes longer than softTimeout, the old value is served and the load goes on', async () => {
    const { get, runs, clock } = await setUpOld(setUp, { softTimeout: 100 })
    const call = get.read()
    await quiet()
    clock.advance(99)
    await quiet()
    expect(await soon(call)).toBe(pending)
    clock.advance(1)
    expect(await call).toMatchObject({ value: 'old', outcome: 'stale' })
    runs[0]?.resolve('new')
    await quiet()
    expect(await get()).toBe('new')
    expect(runs).toHaveLength(1)
  })

  test('who joins a slow load waits no longer for the old value than softTimeout', async () => {
    const { get, clock, cache } = await setUpOld(setUp, { softTimeout: 100 })
    const told = transcript(cache)
    const first = get()
    await quiet()
    const joined = get()
    await quiet()
    clock.advance(100)
    await quiet()
    expect(await soon(first)).toBe('old')
    // what the store held when the load began may be void by now, and only a copy in this process can tell
    if (setUp === 'remote') return
    expect(await soon(joined)).toBe('old')
    expect(told().filter((line) => line.endsWith('load-slow'))).toHaveLength(2)
    const late = get()
    await quiet()
    clock.advance(100)
    await quiet()
    expect(await soon(late)).toBe('old')
  })

  test('a slow load that fails after the old value was served harms nobody', async () => {
    const { get, runs, clock } = await setUpOld(setUp, { softTimeout: 100 })
    const call = get()
    await quiet()
    clock.advance(100)
    expect(await call).toBe('old')
    runs[0]?.reject(failure)
    await quiet()
    expect(await get()).toBe('old')
  })

  test('softTimeout means nothing while there is no old value', async () => {
    const { get, runs, clock } = setUpOne(setUp, { softTimeout: 100 })
    const call = get()
    await quiet()
    clock.advance(1000)
    await quiet()
    runs[0]?.resolve('new')
    expect(await call).toBe('new')
  })

  test('when loading takes longer than hardTimeout, the old value is served', async () => {
    const { get, runs, clock } = await setUpOld(setUp, { hardTimeout: 1000 })
    const call = get()
    await quiet()
    clock.advance(1000)
    expect(await call).toBe('old')
    runs[0]?.resolve('late')
    await quiet()
    expect(await get()).toBe('old')
    expect(await get.peek()).toBeUndefined()
  })

  test('a signal that is first asked for after hardTimeout is aborted', async () => {
    const { cache, clock } = setUpOne(setUp)
    let context: LoadContext | undefined
    const get = cache.cached((given) => ((context = given), deferred<string>().promise), {
      name: 'slow',
      context: true,
      hardTimeout: 1000,
    })
    const call = get().catch((error: unknown) => error)
    await quiet()
    clock.advance(1000)
    expect(context?.signal).toMatchObject({ aborted: true, reason: await call })
    expect(context?.signal).toBe(context?.signal)
  })

  test('after hardTimeout the load has failed, its signal is aborted, and its late result changes nothing', async () => {
    const { cache, clock } = setUpOne(setUp)
    const gate = deferred<string>()
    let context: LoadContext | undefined
    const get = cache.cached(
      (given) => {
        context ??= given
        given.signal.throwIfAborted()
        return context === given ? gate.promise : 'new'
      },
      { name: 'slow', context: true, hardTimeout: 1000 },
    )
    const call = get().catch((error: unknown) => error)
    await quiet()
    expect(context?.signal.aborted).toBe(false)
    clock.advance(1000)
    const error = await call
    expect(error).toBeInstanceOf(ShelflifeError)
    expect(error).toMatchObject({ code: 'load-timeout', message: expect.stringContaining('shop/slow()') })
    expect(context?.signal).toMatchObject({ aborted: true, reason: error })
    expect(() => context?.tag('late')).toThrow(ShelflifeError)
    gate.resolve('late')
    await quiet()
    expect(await get.peek()).toBeUndefined()
    expect(await get()).toBe('new')
  })

  test('a signal that is asked for after hardTimeout is aborted already', async () => {
    const { cache, clock } = setUpOne(setUp)
    const gate = deferred()
    const signals: boolean[] = []
    const get = cache.cached(
      async (context) => {
        await gate.promise
        signals.push(context.signal.aborted)
      },
      { name: 'slow', context: true, hardTimeout: 1000 },
    )
    const call = get().catch(() => {})
    await quiet()
    clock.advance(1000)
    await call
    gate.resolve()
    await quiet()
    expect(signals).toEqual([true])
  })

  test('without an old value the error of the loader is thrown, the same object, to everybody', async () => {
    const { get, runs } = setUpOne(setUp)
    const calls = [get(), get(), get.read()].map((call) => call.catch((error: unknown) => error))
    await quiet()
    for (const run of runs) run.reject(failure)
    for (const error of await Promise.all(calls)) expect(error).toBe(failure)
  })

  test.each([
    ['an Error', failure],
    ['a string', 'down'],
    ['undefined', undefined],
    ['null', null],
  ] as const)('a loader that throws %s: that is thrown, and nothing is cached', async (_what, thrown) => {
    const { get, runs } = setUpOne(setUp)
    const call = get()
    await quiet()
    runs[0]?.reject(thrown)
    await expect(call).rejects.toBe(thrown)
    expect(await get.peek()).toBeUndefined()
    const next = get()
    await quiet()
    runs[1]?.resolve('new')
    expect(await next).toBe('new')
  })

  test('an error that is returned is a value like others, and none that was thrown becomes one', async () => {
    const { cache } = createWorld('local').start()
    const returned = cache.cached(async () => failure, { name: 'returned' })
    expect(await returned()).toBe(failure)
    expect(await returned()).toBe(failure)
  })

  test('when the window is over the error is thrown', async () => {
    const { get, runs, clock } = await setUpOld(setUp)
    clock.advance(3_600_000 - 1)
    const inside = get()
    await quiet()
    runs[0]?.reject(failure)
    expect(await inside).toBe('old')
    clock.advance(1)
    const outside = get().catch((error: unknown) => error)
    await quiet()
    runs[1]?.reject(failure)
    expect(await outside).toBe(failure)
  })

  test('a window that ends while the load runs is over', async () => {
    const { get, runs, clock } = await setUpOld(setUp, { hardTimeout: 600_000, staleIfError: 60_000 })
    const call = get().catch((error: unknown) => error)
    await quiet()
    clock.advance(60_000)
    runs[0]?.reject(failure)
    expect(await call).toBe(failure)
  })

  test('without staleIfError there is nothing instead of the error', async () => {
    const { cache, clock } = setUpOne(setUp)
    const get = cache.cached(async () => Promise.reject<string>(failure), {
      name: 'none',
      ...LIFETIME,
      staleIfError: 0,
    })
    await get.set('old')
    clock.advance(60_000)
    await expect(get()).rejects.toBe(failure)
  })

  test('a failing loader is spared: one load in 1 s, then 2 s, up to 30 s, until it succeeds', async () => {
    const { cache, clock } = setUpOne(setUp)
    let loads = 0
    let isDown = true
    const get = cache.cached(
      async () => {
        loads++
        return isDown ? Promise.reject<string>(failure) : 'new'
      },
      { name: 'spared', ...LIFETIME },
    )
    await get.set('old')
    clock.advance(60_000)
    const loadsAt: number[] = []
    for (let second = 0; second < 100; second++) {
      const before = loads
      expect(await get()).toBe('old')
      expect(await get()).toBe('old')
      await quiet()
      if (loads > before) loadsAt.push(second)
      expect(loads - before).toBeLessThan(2)
      clock.advance(1000)
    }
    expect(loadsAt).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
    isDown = false
    clock.advance(30_000)
    await get()
    await quiet()
    expect(await get()).toBe('new')
    await get.expire()
    clock.advance(60_000)
    isDown = true
    const before = loads
    await get()
    clock.advance(1000)
    await get()
    expect(loads).toBe(before + 2)
  })

  test('a background refresh that fails leaves the old value and is reported, spared and not thrown', async () => {
    const { cache, clock } = setUpOne(setUp)
    const { load, runs } = createSource()
    const get = cache.cached(load, { name: 'refreshed', ...LIFETIME, staleWhileRevalidate: '10m' })
    await get.set('old')
    clock.advance(60_000)
    const told = transcript(cache)
    expect(await get()).toBe('old')
    await quiet()
    runs[0]?.reject(failure)
    await quiet()
    expect(told()).toEqual([expect.stringMatching(/^stale \w+ refreshing$/), 'loadFailure'])
    expect(await get()).toBe('old')
    await quiet()
    expect(runs).toHaveLength(1)
    clock.advance(1000)
    expect(await get()).toBe('old')
    await quiet()
    expect(runs).toHaveLength(2)
    runs[1]?.resolve('new')
    await quiet()
    expect(await get()).toBe('new')
  })

  test('refresh asks for the truth: it throws, and what was cached stays', async () => {
    const { get, runs } = setUpOne(setUp)
    await get.set('old')
    const refreshed = get.refresh()
    await quiet()
    runs[0]?.reject(failure)
    await expect(refreshed).rejects.toBe(failure)
    expect(await get()).toBe('old')
  })

  test('a failed load never yields undefined, whatever was cached', async () => {
    const { get, runs } = await setUpOld(setUp)
    const gone = get()
    await quiet()
    runs[0]?.resolve(undefined)
    expect(await gone).toBeUndefined()
    const call = get()
    await quiet()
    runs[1]?.reject(failure)
    await expect(call).rejects.toBe(failure)
  })

  test('the loader sees the value that it replaces, and how old it is', async () => {
    const { cache, clock } = setUpOne(setUp)
    const seen: unknown[] = []
    const get = cache.cached(
      async (context) => {
        seen.push(context.stale)
        return { version: seen.length }
      },
      { name: 'conditional', context: true, ...LIFETIME },
    )
    await get()
    clock.advance(61_000)
    await get()
    expect(seen).toEqual([undefined, { value: { version: 1 }, age: 61_000 }])
  })
})

describe.each(withRemote)('P4 across processes, %s', (setUp) => {
  test('an old value that another process stored takes the place of an error', async () => {
    const { start, clock } = createWorld(setUp)
    const [other, one] = [start().cache, start().cache]
    await other.cached(async () => 'old', { name: 'value', ...LIFETIME })()
    clock.advance(60_000)
    const get = one.cached(async () => Promise.reject<string>(failure), { name: 'value', ...LIFETIME })
    expect(await get()).toBe('old')
  })

  test('who waits for a slow load in another process waits no longer for the old value than softTimeout', async () => {
    const { start, clock } = createWorld(setUp)
    const { load, runs } = createSource()
    const options = { name: 'value', ...LIFETIME, softTimeout: 100 } as const
    const [here, there] = [start().cache.cached(load, options), start().cache.cached(load, options)]
    await here.set('old')
    clock.advance(60_000)
    const calls = [here(), there()]
    await quiet()
    clock.advance(100)
    await quiet()
    expect(await soon(Promise.all(calls))).toEqual(['old', 'old'])
    expect(runs).toHaveLength(1)
  })
})
