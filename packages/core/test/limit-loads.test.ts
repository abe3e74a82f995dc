import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { CachedOptions, CacheOptions } from '@shelflife/core'
import { createCache, ShelflifeError } from '@shelflife/core'
import type { LoadLimit } from '@shelflife/core/loads'
import { limitLoads } from '@shelflife/core/loads'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import type { Deferred } from './deferred.ts'
import { deferred, pending, quiet, soon } from './deferred.ts'
import { settle } from './faulty-store.ts'
import { thrown } from './thrown.ts'

const KEY = 'shop/value()'

type Options = Pick<CacheOptions, 'guard' | 'hardTimeout' | 'softTimeout'>
type OwnOptions = Omit<CachedOptions<[number], never>, 'name' | 'tier'>

/** A cache whose loads end when the test says so, and those that have begun, by key. */
function setUp(options: Options = {}) {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock, ...options })
  const runs = new Map<string, Deferred<string>>()
  let most = 0
  let running = 0

  function wrap(name: string, own: OwnOptions = {}) {
    return cache.cached(
      async (id: number): Promise<string> => {
        const run = deferred<string>()
        runs.set(`${name} ${id}`, run)
        most = Math.max(most, ++running)
        return run.promise.finally(() => running--)
      },
      { name, jitter: 0, ...own },
    )
  }
  const begun = (): string[] => [...runs.keys()]
  async function end(run: string): Promise<void> {
    runs.get(run)!.resolve(`value of ${run}`)
    await quiet()
  }
  return { clock, cache, runs, wrap, begun, end, most: () => most }
}

const errorOf = async (call: Promise<unknown>): Promise<ShelflifeError> =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ShelflifeError)
      return error as ShelflifeError
    },
  )

describe('a limit of a cache', () => {
  test('lets so many loads run at once, of whatever name', async () => {
    const { wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 2 }) })
    const getUser = wrap('user')
    const getPage = wrap('page')
    const calls = [getUser(1), getPage(1), getUser(2)]
    await quiet()
    expect(begun()).toEqual(['user 1', 'page 1'])
    await end('page 1')
    expect(begun()).toEqual(['user 1', 'page 1', 'user 2'])
    await end('user 1')
    await end('user 2')
    expect(await Promise.all(calls)).toEqual(['value of user 1', 'value of page 1', 'value of user 2'])
  })

  test('counts for getOrLoad too', async () => {
    const { cache, wrap, begun } = setUp({ guard: limitLoads({ concurrency: 1 }) })
    void wrap('user')(1)
    await quiet()
    expect(await soon(cache.getOrLoad('key', () => 'value'))).toBe(pending)
    expect(begun()).toEqual(['user 1'])
  })

  test('lets those who wait run in the order in which they came, and nobody overtakes them', async () => {
    const { wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 1 }) })
    const get = wrap('value')
    for (let id = 0; id < 5; id++) void get(id)
    await quiet()
    for (let id = 0; id < 9; id++) {
      const ending = end(`value ${id}`)
      // comes in the very moment in which there is room
      void get(id + 5)
      await ending
    }
    expect(begun()).toEqual(Array.from({ length: 10 }, (_, id) => `value ${id}`))
  })

  test('goes on after a load that failed, and passes its error on', async () => {
    const { wrap, runs, begun } = setUp({ guard: limitLoads({ concurrency: 1 }) })
    const get = wrap('value')
    const failing = get(1).catch((error: unknown) => error)
    void get(2)
    await quiet()
    const failure = new Error('source is down')
    runs.get('value 1')!.reject(failure)
    expect(await failing).toBe(failure)
    await quiet()
    expect(begun()).toEqual(['value 1', 'value 2'])
  })

  test('takes one place for all callers of a key', async () => {
    const { wrap, begun } = setUp({ guard: limitLoads({ concurrency: 2 }) })
    const get = wrap('value')
    for (let i = 0; i < 10; i++) void get(1)
    void get(2)
    await quiet()
    expect(begun()).toEqual(['value 1', 'value 2'])
  })

  test('is no limit for hits', async () => {
    const { wrap, end } = setUp({ guard: limitLoads({ concurrency: 1, queue: 0 }) })
    const get = wrap('value')
    const first = get(1)
    await quiet()
    await end('value 1')
    await first
    void get(2)
    await quiet()
    expect(await get(1)).toBe('value of value 1')
  })
})

describe('above the queue', () => {
  test('a load is refused at once, with an error that says which limit, how many run and wait, and what to do', async () => {
    const { wrap, begun } = setUp({ guard: limitLoads({ concurrency: 2, queue: 1 }) })
    const get = wrap('value')
    for (const id of [1, 2, 3]) void get(id)
    const { code, message } = await errorOf(get(4))
    expect(code).toBe('overloaded')
    expect(message).toBe(
      'shop/value(4) was not loaded because no more may wait: 2 loads run and 1 wait (concurrency 2, queue 1); ' +
        'load less, raise the limit, or let old values be served with `staleIfError`',
    )
    expect(begun()).toEqual(['value 1', 'value 2'])
  })

  test('an old value inside staleIfError is served instead', async () => {
    const { clock, wrap, begun } = setUp({ guard: limitLoads({ concurrency: 1, queue: 0 }) })
    const get = wrap('value', { ttl: '1m', staleWhileRevalidate: 0, staleIfError: '1h' })
    await get.set('old', 1)
    clock.advance(60_000)
    void get(2)
    await quiet()
    expect(await get.read(1)).toMatchObject({ value: 'old', outcome: 'stale', store: 'local' })
    expect(begun()).toEqual(['value 2'])
  })

  test('being refused says nothing about the source: the next caller tries again', async () => {
    const { clock, cache, wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 1, queue: 0 }) })
    const get = wrap('value', { ttl: '1m', staleWhileRevalidate: 0, staleIfError: '1h' })
    const failures: unknown[] = []
    cache.on('loadFailure', ({ error }) => failures.push((error as ShelflifeError).code))
    await get.set('old', 1)
    clock.advance(60_000)
    void get(2)
    await quiet()
    for (let i = 0; i < 3; i++) expect(await get(1)).toBe('old')
    expect(failures).toEqual(['overloaded', 'overloaded', 'overloaded'])
    await end('value 2')
    const call = get(1)
    await quiet()
    expect(begun()).toEqual(['value 2', 'value 1'])
    await end('value 1')
    expect(await call).toBe('value of value 1')
  })

  test('a refresh that is refused leaves the value, and the next read tries again', async () => {
    const { clock, wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 1, queue: 0 }) })
    const get = wrap('value', { ttl: '1m', staleWhileRevalidate: '1h' })
    await get.set('old', 1)
    clock.advance(60_000)
    void get(2)
    await quiet()
    expect(await get(1)).toBe('old')
    await quiet()
    await end('value 2')
    expect(await get(1)).toBe('old')
    await quiet()
    expect(begun()).toEqual(['value 2', 'value 1'])
    await end('value 1')
    expect(await get(1)).toBe('value of value 1')
  })

  test('1000 wait unless something else is said', async () => {
    const { wrap } = setUp({ guard: limitLoads({ concurrency: 1 }) })
    const get = wrap('value')
    for (let id = 0; id < 1001; id++) void get(id).catch(() => {})
    await quiet()
    const { message } = await errorOf(get(1001))
    expect(message).toContain('1 loads run and 1000 wait (concurrency 1, queue 1000)')
  })
})

describe('with `wait`', () => {
  test('a load is refused when its turn has not come by then', async () => {
    const clock = fakeClock()
    const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
    const guard = limitLoads({ concurrency: 1, wait: '500ms', clock })
    const runs: number[] = []
    const get = cache.cached(async (id: number) => new Promise<number>(() => runs.push(id)), { name: 'value', guard })
    void get(1).catch(() => {})
    const late = errorOf(get(2))
    await quiet()
    clock.advance(499)
    expect(await soon(late)).toBe(pending)
    clock.advance(1)
    const { code, message } = await late
    expect(code).toBe('overloaded')
    expect(message).toContain('shop/value(2) was not loaded because it has waited for 500 ms: 1 loads run and 1 wait')
    clock.advance(60_000)
    await quiet()
    expect(runs).toEqual([1])
    expect(clock.pending()).toBe(0)
  })
})

test('a load that has waited leaves no timer for `wait`', async () => {
  const clock = fakeClock()
  const guard = limitLoads({ concurrency: 1, wait: '500ms', clock })
  const { wrap, end } = setUp({ guard })
  const get = wrap('value')
  const calls = [get(1), get(2)]
  await quiet()
  expect(clock.pending()).toBe(1)
  await end('value 1')
  expect(clock.pending()).toBe(0)
  await end('value 2')
  await Promise.all(calls)
})

describe('hardTimeout', () => {
  test('a load that is out of time while it waits leaves the queue and never runs', async () => {
    const { clock, wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 1, queue: 1 }) })
    const getSlow = wrap('slow')
    const get = wrap('value', { hardTimeout: '1s' })
    void getSlow(1)
    const late = errorOf(get(1))
    await quiet()
    clock.advance(1000)
    expect((await late).code).toBe('load-timeout')
    // there is room in the queue again
    const next = wrap('next')(1)
    await quiet()
    await end('slow 1')
    expect(begun()).toEqual(['slow 1', 'next 1'])
    await end('next 1')
    expect(await next).toBe('value of next 1')
    expect(begun()).not.toContain('value 1')
  })

  test('of loads that began to wait together and are out of time together none runs', async () => {
    const { clock, cache, wrap, begun } = setUp({ guard: limitLoads({ concurrency: 2 }), hardTimeout: '1s' })
    const get = wrap('value')
    const calls = [1, 2, 3, 4, 5, 6].map((id) => errorOf(get(id)))
    await quiet()
    clock.advance(1000)
    await quiet()
    expect(begun()).toEqual(['value 1', 'value 2'])
    for (const call of calls) expect((await call).code).toBe('load-timeout')
    expect(cache.stats()).toMatchObject({ loads: 6, loadFailures: 6 })
    expect(clock.pending()).toBe(0)
    // their places are free
    void get(7).catch(() => {})
    void get(8).catch(() => {})
    await quiet()
    expect(begun()).toEqual(['value 1', 'value 2', 'value 7', 'value 8'])
  })

  test('a load that hangs makes room when it is out of time, once', async () => {
    const { clock, wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 1 }), hardTimeout: '1s' })
    const get = wrap('value')
    const hanging = errorOf(get(1))
    await quiet()
    clock.advance(500)
    for (const id of [2, 3]) void get(id).catch(() => {})
    await quiet()
    clock.advance(500)
    expect((await hanging).code).toBe('load-timeout')
    await quiet()
    expect(begun()).toEqual(['value 1', 'value 2'])
    // what the loader does later frees nothing
    await end('value 1')
    expect(begun()).toEqual(['value 1', 'value 2'])
  })

  test('a loader that waits for another load under the same limit does not wait for ever', async () => {
    const { clock, cache, wrap } = setUp({ guard: limitLoads({ concurrency: 1 }), hardTimeout: '1s' })
    const inner = wrap('inner')
    const outer = cache.cached(async (id: number) => inner(id), { name: 'outer' })
    const call = errorOf(outer(1))
    await quiet()
    clock.advance(1000)
    expect((await call).code).toBe('load-timeout')
  })
})

describe('two limits', () => {
  test('both count, and a load that waits for that of its name holds no place of the cache', async () => {
    const { wrap, begun, end } = setUp({ guard: limitLoads({ concurrency: 2 }) })
    const getReport = wrap('report', { guard: limitLoads({ concurrency: 1 }) })
    const getUser = wrap('user')
    for (const id of [1, 2]) void getReport(id)
    for (const id of [1, 2]) void getUser(id)
    await quiet()
    expect(begun()).toEqual(['report 1', 'user 1'])
    await end('report 1')
    expect(begun()).toEqual(['report 1', 'user 1', 'user 2'])
    await end('user 1')
    expect(begun()).toEqual(['report 1', 'user 1', 'user 2', 'report 2'])
  })

  test('that are one and the same count once', async () => {
    const guard = limitLoads({ concurrency: 1 })
    const { wrap, end } = setUp({ guard })
    const call = wrap('value', { guard: [guard] })(1)
    await quiet()
    await end('value 1')
    expect(await call).toBe('value of value 1')
  })

  test('one that is given to two functions limits them together', async () => {
    const guard = limitLoads({ concurrency: 1 })
    const { wrap, begun, end } = setUp()
    void wrap('user', { guard })(1)
    void wrap('page', { guard })(1)
    void wrap('free')(1)
    await quiet()
    expect(begun()).toEqual(['user 1', 'free 1'])
    await end('user 1')
    expect(begun()).toEqual(['user 1', 'free 1', 'page 1'])
  })

  test('the time in both queues is bounded by hardTimeout, and both queues are left', async () => {
    const limit = { concurrency: 1, queue: 1 }
    const { clock, wrap, begun, end } = setUp({ guard: limitLoads(limit), hardTimeout: '1s' })
    const get = wrap('value', { guard: limitLoads(limit) })
    const getOther = wrap('other', { hardTimeout: '1h' })
    void getOther(1)
    const calls = [errorOf(get(1)), errorOf(get(2))]
    await quiet()
    clock.advance(1000)
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['load-timeout', 'load-timeout'])
    void get(3).catch(() => {})
    void get(4).catch(() => {})
    await quiet()
    await end('other 1')
    await end('value 3')
    expect(begun()).toEqual(['other 1', 'value 3', 'value 4'])
  })
})

test('10,000 callers of 10,000 keys are served, never more than 10 at once, in the order in which they came', async () => {
  const { clock, cache, wrap, begun, end, most } = setUp({ guard: limitLoads({ concurrency: 10, queue: 10_000 }) })
  const get = wrap('value')
  const calls = Array.from({ length: 10_000 }, (_, id) => get(id))
  await quiet()
  for (let id = 0; id < 10_000; id++) await end(`value ${id}`)
  const values = await Promise.all(calls)
  expect(values.every((value, id) => value === `value of value ${id}`)).toBe(true)
  expect(begun()).toEqual(values.map((_, id) => `value ${id}`))
  expect(most()).toBe(10)
  expect(cache.stats().loads).toBe(10_000)
  await cache.close()
  expect(clock.pending()).toBe(0)
})

test('close waits for those who wait, and leaves nothing pending', async () => {
  const { clock, cache, wrap, end } = setUp({ guard: limitLoads({ concurrency: 1 }), hardTimeout: '1s' })
  const get = wrap('value')
  const calls = [get(1), get(2)]
  const abandoned = errorOf(get(3))
  await quiet()
  const closing = cache.close()
  await end('value 1')
  await end('value 2')
  expect(await Promise.all(calls)).toEqual(['value of value 1', 'value of value 2'])
  expect(await soon(closing)).toBe(pending)
  clock.advance(1000)
  await abandoned
  await closing
  expect(clock.pending()).toBe(0)
})

test.each<[string, () => unknown, string]>([
  ['no concurrency', () => limitLoads({ concurrency: 0 }), 'concurrency must be a whole number from 1; received 0'],
  ['half a load', () => limitLoads({ concurrency: 1.5 }), 'concurrency must be a whole number from 1; received 1.5'],
  [
    'a queue without bound',
    () => limitLoads({ concurrency: 1, queue: Infinity }),
    'queue must be a whole number from 0; received Infinity',
  ],
  ['a negative queue', () => limitLoads({ concurrency: 1, queue: -1 }), 'queue must be a whole number from 0'],
  ['no wait', () => limitLoads({ concurrency: 1, wait: 0 }), 'wait must be a positive number of milliseconds'],
  ['a misspelt option', () => limitLoads({ concurrency: 1, qeue: 5 } as LoadLimit), "there is no option 'qeue'"],
  ['nothing', () => limitLoads(undefined as never), 'options of limitLoads() must be an object; received undefined'],
  ['options for a guard', () => setUp({ guard: { concurrency: 1 } as never }), 'guard must be a function'],
  ['a list with a hole', () => setUp({ guard: [undefined as never] }), 'guard must be a function; received undefined'],
  [
    'no guard of a function',
    () => setUp().wrap('value', { guard: 5 as never }),
    'guard must be a function; received 5',
  ],
])('%s is refused', (_, construct, message) => {
  expect(thrown(construct).message).toContain(message)
})

describe('a load that was refused while another process waited for it', () => {
  /** Two processes on one remote store, and a load that keeps the only place of the first one. */
  async function twoProcesses() {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const one = createCache({
      namespace: 'shop',
      store: server.connect({ clock }),
      clock,
      guard: limitLoads({ concurrency: 1, queue: 1, wait: '100ms', clock }),
    })
    const other = createCache({ namespace: 'shop', store: server.connect({ clock }), clock })
    void one.cached(() => new Promise(() => {}), { name: 'endless' })()
    await settle()
    const refused = one.cached(async () => 'never', { name: 'value' })()
    await settle()
    let loads = 0
    const release = deferred()
    const getElsewhere = other.cached(
      async () => {
        loads++
        await release.promise
        return 'elsewhere'
      },
      { name: 'value' },
    )
    return { clock, server, refused, getElsewhere, release, loads: () => loads }
  }

  test('is no failure for that process: it loads under a lease of its own, and others wait for it', async () => {
    const { clock, server, refused, getElsewhere, release, loads } = await twoProcesses()
    const waiting = getElsewhere()
    await settle()
    expect(loads()).toBe(0)
    clock.advance(100)
    expect((await errorOf(refused)).code).toBe('overloaded')
    await settle()
    expect(loads()).toBe(1)
    const opened = await server.connect({ clock }).open({ key: KEY, owner: 'third', lease: 3000, mode: 'load' })
    expect(opened.state).toBe('held')
    release.resolve()
    expect(await waiting).toBe('elsewhere')
  })

  test('leaves no mark of a failure', async () => {
    const { clock, server, refused } = await twoProcesses()
    clock.advance(100)
    expect((await errorOf(refused)).code).toBe('overloaded')
    await settle()
    const opened = await server.connect({ clock }).open({ key: KEY, owner: 'third', lease: 3000, mode: 'load' })
    expect(opened.state).toBe('granted')
  })
})
