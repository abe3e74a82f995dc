import type { LifetimeOptions } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { createSource, quiet } from './deferred.ts'
import type { ProcessOptions } from './set-ups.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'
import { transcript } from './transcript.ts'

const LIFETIME: LifetimeOptions = { ttl: '1m', staleWhileRevalidate: '10m', staleIfError: '1h', jitter: 0 }
const failure = new Error('source is down')

/** A process whose events, and whose commands to the remote store, are written down. */
function setUpOne(setUp: (typeof setUps)[number], options: ProcessOptions<never> & { softTimeout?: number } = {}) {
  const world = createWorld(setUp)
  const process = world.start(options)
  const { load, runs } = createSource<unknown>()
  const get = process.cache.cached(load, { name: 'value', ...LIFETIME })
  const told = transcript(process.cache)
  let counted = new Map<string, number>()
  /** The commands since the last time, by name. */
  function sent(): Record<string, number> {
    const since = [...world.server.commands].map(([name, n]) => [name, n - (counted.get(name) ?? 0)] as const)
    counted = new Map(world.server.commands)
    return Object.fromEntries(since.filter(([, n]) => n > 0))
  }
  /** A call during which the source answers; what it threw or gave. */
  async function called(answer: unknown, call: () => Promise<unknown> = get): Promise<unknown> {
    const before = runs.length
    const result = call().catch((error: unknown) => error)
    await quiet()
    for (const run of runs.slice(before)) {
      if (answer === failure) run.reject(failure)
      else run.resolve(answer)
    }
    await quiet()
    return result
  }
  return { ...world, ...process, get, told, sent, called, runs }
}

describe.each(setUps)('what a call tells, %s', (setUp) => {
  const store = setUp === 'remote' ? 'remote' : 'local'
  const remote = setUp === 'local' ? 'none' : 'done'
  /** Where there are two stores, the remote one has been asked once more when it comes to that. */
  const old = (because: string): unknown =>
    expect.stringMatching(`^stale ${setUp === 'local and remote' ? '(local|remote)' : store} ${because}$`)

  test('nothing cached: a miss, a load, a commit; then a hit', async () => {
    const { told, called } = setUpOne(setUp)
    await called(1)
    expect(told()).toEqual(['miss', 'load', 'commit'])
    await called(2)
    expect(told()).toEqual([`hit ${store}`])
  })

  test('stale: the old value, and a load in the background', async () => {
    const { told, called, clock } = setUpOne(setUp)
    await called(1)
    told()
    clock.advance(60_000)
    await quiet()
    expect(await called(2)).toBe(1)
    expect(told()).toEqual([`stale ${store} refreshing`, 'load', 'commit'])
  })

  test('fresh, but soon no longer: a hit, and a load in the background', async () => {
    const { cache, told, clock } = setUpOne(setUp)
    const get = cache.cached(async () => 1, { name: 'early', ...LIFETIME, earlyRefresh: 0.5 })
    await get()
    told()
    clock.advance(30_000)
    await quiet()
    await get()
    await quiet()
    expect(told()).toEqual([`hit ${store}`, 'load', 'commit'])
  })

  test('while it is loaded: a join', async () => {
    const { told, called, get } = setUpOne(setUp)
    await called(1, () => Promise.all([get(), get()]))
    // who of them comes to the load first is free
    const [first, second, ...rest] = told()
    expect([first, second]).toEqual(expect.arrayContaining(['join', 'miss']))
    // the other one found nothing either
    expect(rest).toEqual(['load', 'commit', 'miss'])
  })

  test('the load fails: a miss and the failure', async () => {
    const { told, called } = setUpOne(setUp)
    expect(await called(failure)).toBe(failure)
    expect(told()).toEqual(['miss', 'loadFailure'])
  })

  test('the load fails and there is an old value: that, and why', async () => {
    const { told, called, clock } = setUpOne(setUp)
    await called(1)
    clock.advance(660_000)
    told()
    expect(await called(failure)).toBe(1)
    expect(told()).toEqual(['loadFailure', old('load-failed')])
    expect(await called(2)).toBe(1)
    expect(told()).toEqual([old('load-failed')])
  })

  test('the load is slow and there is an old value: that, and why, and the load in the end', async () => {
    const { told, called, clock, get, runs } = setUpOne(setUp, { softTimeout: 100 })
    await called(1)
    clock.advance(660_000)
    told()
    const call = get()
    await quiet()
    clock.advance(100)
    expect(await call).toBe(1)
    expect(told()).toEqual([old('load-slow')])
    runs[1]?.resolve(2)
    await quiet()
    expect(told()).toEqual(['load', 'commit'])
  })

  test('invalidated while it is loaded: the load is refused', async () => {
    const { told, get, runs } = setUpOne(setUp)
    const call = get()
    await quiet()
    await get.invalidate()
    runs[0]?.resolve(1)
    await call
    expect(told()).toEqual(['miss', `invalidate ${remote}`, 'load', 'refuse'])
  })

  test('not to be kept: why', async () => {
    const { cache, told, called } = setUpOne(setUp)
    await called(undefined)
    expect(told()).toEqual(['miss', 'load', 'skip undefined'])
    const skipping = cache.cached(async (context) => context.skip(), { name: 'skipping', context: true })
    await skipping()
    expect(told()).toEqual(['miss', 'load', 'skip undefined'])
    const asking = cache.cached(
      async (context) => {
        context.skip()
        return 1
      },
      { name: 'asking', context: true },
    )
    await asking()
    expect(told()).toEqual(['miss', 'load', 'skip asked'])
  })

  test('refresh, set, expire, and tags', async () => {
    const { cache, told, called, get } = setUpOne(setUp)
    await called(1, get.refresh)
    expect(told()).toEqual(['load', 'commit'])
    await get.set(2)
    expect(told()).toEqual(['commit'])
    await get.expire()
    await cache.invalidateTags(['a'])
    await cache.expireTags(['a'])
    expect(told()).toEqual([`expire ${remote}`, `invalidateTags ${remote}`, `expireTags ${remote}`])
  })

  test('get by key: a hit or a miss, and nothing more', async () => {
    const { cache, told } = setUpOne(setUp)
    await cache.get('key')
    expect(told()).toEqual(['miss'])
    await cache.set('key', 1)
    await cache.get('key')
    expect(told()).toEqual(['commit', `hit ${store}`])
  })

  test('after close: the load alone', async () => {
    const { cache, told, called } = setUpOne(setUp)
    await cache.close()
    await called(1)
    expect(told()).toEqual(['load', 'miss'])
  })
})

test('what the local store drops is told with the reason', async () => {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock, maxEntries: 1 }), clock })
  const told = transcript(cache)
  await cache.set('a', 1, { ttl: '1s', staleWhileRevalidate: 0, staleIfError: 0 })
  await cache.set('b', 1, { ttl: '1s', staleWhileRevalidate: 0, staleIfError: 0 })
  clock.advance(60_000)
  expect(told()).toEqual(['commit', 'evict space', 'commit', 'evict expired'])
})

describe.each(withRemote)('what a call tells and sends, %s', (setUp) => {
  test('a miss costs a read, the right to load, and the commit; a hit in the remote store one read', async () => {
    const { called, sent, start, told } = setUpOne(setUp)
    await called(1)
    expect(sent()).toEqual({ read: 1, open: 1, capture: 1, commit: 1 })
    const other = start().cache
    const toldThere = transcript(other)
    expect(await other.cached(async () => 2, { name: 'value', ...LIFETIME })()).toBe(1)
    expect(toldThere()).toEqual(['hit remote'])
    expect(sent()).toEqual({ read: 1 })
    told()
    await called(2)
    expect(told()).toEqual([setUp === 'remote' ? 'hit remote' : 'hit local'])
    expect(sent()).toEqual(setUp === 'remote' ? { read: 1 } : {})
  })

  test('a copy that is not confirmed any more is confirmed with one read', async () => {
    const { called, sent, told, clock } = setUpOne(setUp, { bus: false })
    await called(1)
    clock.advance(1000)
    sent()
    told()
    await called(2)
    expect(told()).toEqual(['hit remote'])
    expect(sent()).toEqual({ read: 1 })
  })

  test('another process loads: a wait, then its value', async () => {
    const { get, start, runs, told } = setUpOne(setUp)
    const other = start()
    const there = other.cache.cached(async () => 2, { name: 'value', ...LIFETIME })
    const toldThere = transcript(other.cache)
    const [call, waiting] = [get(), there()]
    await quiet()
    expect(toldThere()).toEqual(['wait'])
    runs[0]?.resolve(1)
    expect(await Promise.all([call, waiting])).toEqual([1, 1])
    expect(toldThere()).toEqual(['hit remote'])
    expect(told()).toEqual(['miss', 'load', 'commit'])
  })

  test('what is not an entry: reported, and a miss', async () => {
    const { called, server, told, clock } = setUpOne(setUp, { bus: false })
    await called(1)
    told()
    for (const record of server.records.values()) record.envelope.fill(0, 0, 4)
    clock.advance(1000)
    expect(await called(2)).toBe(2)
    expect(told()).toEqual(['corrupt', 'miss', 'load', 'commit'])
  })

  test('what the codec cannot carry: reported, and not stored', async () => {
    const { called, told, sent } = setUpOne(setUp)
    await called(new Date(0))
    expect(told()).toEqual(['miss', 'load', 'skip unsupported'])
    expect(sent()).not.toHaveProperty('commit')
  })

  test('the store does not answer: that, and a load', async () => {
    const { told, crash, clock, get, runs } = setUpOne(setUp, { budget: { read: 100, write: 100 } })
    crash()
    const call = get()
    await quiet()
    clock.advance(100)
    await quiet()
    runs[0]?.resolve(1)
    expect(await call).toBe(1)
    expect(told().slice(0, 3)).toEqual(['storeError reference read', 'miss', 'load'])
  })

  test('a commit that the store does not answer is no commit', async () => {
    const { told, crash, clock, get, runs } = setUpOne(setUp, { budget: { read: 100, write: 100 } })
    const call = get()
    await quiet()
    crash()
    runs[0]?.resolve(1)
    await quiet()
    clock.advance(100)
    expect(await call).toBe(1)
    const kept = setUp === 'remote' ? 'skip unstored' : 'commit'
    expect(told()).toEqual(['miss', 'load', 'storeError reference commit', kept])
  })

  test('messages may have been lost: a gap', async () => {
    const { told, connection } = setUpOne(setUp)
    connection.disconnectBus()
    connection.reconnectBus()
    await quiet()
    expect(told()).toEqual(setUp === 'remote' ? [] : ['gap'])
  })
})
