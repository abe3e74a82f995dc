import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

import { executesLate, faults, faultyStore, pass, settle, timed, watchRejections } from './faulty-store.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(async () => {
  await settle()
  expect(rejections.unhandled).toEqual([])
})

const MIB = 2 ** 20

/** Runs a program of its own in which `createCache` and friends are imported; gives what it printed as JSON. */
async function inChild(program: string): Promise<unknown> {
  const prelude = `
    import { createReferenceServer } from '@shelflife/conformance'
    import { createCache } from '@shelflife/core'
    import { protocol } from '@shelflife/core/protocol'
    import { memoryStore } from '@shelflife/memory'
    const print = (value) => process.stdout.write(JSON.stringify(value))
    const heap = () => { gc(); gc(); return process.memoryUsage().heapUsed }
  `
  const flags = ['--conditions=@shelflife/source', '--expose-gc', '--input-type=module', '--eval', prelude + program]
  const { stdout } = await promisify(execFile)(process.execPath, flags, {
    cwd: new URL('..', import.meta.url),
    timeout: 230_000,
  })
  return JSON.parse(stdout)
}

describe('memory does not grow with the number of keys ever seen', () => {
  /** Heap after a part of the keys and after all of them: what grows with the keys shows in between. */
  const growth = (setUp: string, use: string, keys: number): string => `
    ${setUp}
    async function upTo(from, to) {
      for (let i = from; i < to; i += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, j) => use(i + j)))
        if (i % 10_000 === 0) await new Promise(setImmediate)
      }
      return heap()
    }
    async function use(i) { ${use} }
    const before = await upTo(0, ${keys / 4})
    const after = await upTo(${keys / 4}, ${keys})
    print({ grown: after - before, stats: cache.stats() })
  `
  const memory = `
    const cache = createCache({ namespace: 'p10', store: memoryStore({ maxEntries: 1000 }) })
    const get = cache.cached(async (id) => ({ id }), { name: 'value', tags: (id) => ['group/' + id] })
  `
  const cases: Readonly<Record<string, readonly [setUp: string, use: string, keys?: number]>> = {
    'one kind of keys': [memory, 'await get(i)', Number(process.env['DISTINCT_KEYS'] ?? 200_000)],
    'keys of all kinds': [memory, 'await get(String(i)); await get({ i }); await get(i, i)'],
    invalidations: [memory, 'await get(i); await get.invalidate(i); await cache.expireTags(["group/" + i])'],
    'keys that are used directly': [
      memory,
      'await cache.set("key" + i, i); await cache.getOrLoad(["other", i], () => i); await cache.get("none" + i)',
    ],
    'loads that fail': [
      `const cache = createCache({ namespace: 'p10', store: memoryStore({ maxEntries: 1000 }) })
       const get = cache.cached(async (id) => { throw new Error('down') }, { name: 'value' })`,
      'await get(i).catch(() => {})',
    ],
    'namespaces of their own': [
      memory,
      `const tenant = cache.namespace('tenant' + i)
       const own = tenant.cached(async (id) => id, { name: 'own' })
       await own(i); await tenant.clear()`,
    ],
    'invalidations that a store that is away is owed': [
      `const away = async () => { throw new Error('away') }
       const store = { kind: 'remote', protocol, label: 'away', leases: true, close: async () => {} }
       for (const command of ['read', 'readTags', 'open', 'capture', 'commit', 'renew', 'release', 'settled', 'touch',
         'invalidate', 'expire', 'invalidateTags', 'expireTags']) store[command] = away
       const cache = createCache({ namespace: 'p10', store: [memoryStore({ maxEntries: 1000 }), store] })
       const get = cache.cached(async (id) => id, { name: 'value' })`,
      'await get(i); await get.invalidate(i); await get.set(i, i)',
    ],
  }

  test.each(Object.entries(cases))('%s', { timeout: 240_000 }, async (_, [setUp, use, keys = 50_000]) => {
    const { grown, stats } = (await inChild(growth(setUp, use, keys))) as {
      grown: number
      stats: { entries: number; names: object }
    }
    expect(grown).toBeLessThan(8 * MIB)
    expect(stats.entries).toBeLessThanOrEqual(1000)
    expect(Object.keys(stats.names).length).toBeLessThanOrEqual(3)
  })
})

describe('timers', () => {
  test('are not one for each entry: ten thousand entries have as many as one', async () => {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const cache = createCache({ namespace: 'p10', clock, store: [memoryStore({ clock }), server.connect({ clock })] })
    const get = cache.cached(async (id: number) => id, { name: 'value', sliding: true, earlyRefresh: 0.5 })
    await get(0)
    const one = clock.pending()
    for (let id = 1; id < 10_000; id++) await get(id)
    expect(clock.pending()).toBe(one)
    await cache.close()
    expect(clock.pending()).toBe(0)
  })

  test.concurrent.each([
    [
      'a full local store',
      'const cache = createCache({ namespace: "p10", store: memoryStore() }); await cache.set("a", 1)',
    ],
    [
      'a loader that never ends',
      'const cache = createCache({ namespace: "p10", store: memoryStore() }); void cache.getOrLoad("a", () => new Promise(() => {}))',
    ],
    [
      'a bus, a running lease and a waiting invalidation',
      `const reference = createReferenceServer().connect()
       const store = { ...reference, invalidate: async () => { throw new Error('away') } }
       const cache = createCache({ namespace: 'p10', store: [memoryStore(), store] })
       void cache.getOrLoad('a', () => new Promise(() => {}))
       await cache.invalidate('b')`,
    ],
    [
      'a store that hangs',
      `const reference = createReferenceServer().connect({ budget: { read: 60_000, write: 60_000 } })
       const cache = createCache({ namespace: 'p10', store: { ...reference, read: () => new Promise(() => {}) } })
       void cache.getOrLoad('a', () => 1)`,
    ],
  ])('do not keep a process alive that forgot to close: %s', { timeout: 30_000 }, async (_, program) => {
    // it would print nothing and run into the time limit otherwise
    expect(await inChild(`${program}; process.on('exit', () => print(performance.now() < 8000))`)).toBe(true)
  })
})

describe('close', () => {
  function setUp({ local = true } = {}) {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const faulty = faultyStore(server.connect({ clock }))
    let closed = 0
    const store = {
      ...faulty.store,
      close() {
        closed++
        return faulty.store.close()
      },
    }
    const cache = createCache({ namespace: 'p10', clock, store: local ? [memoryStore({ clock }), store] : store })
    return { clock, server, faulty, cache, closed: () => closed }
  }

  /** Closes, and expects that nothing is left and nothing happens any more. */
  async function expectClean({ clock, faulty, cache, closed }: ReturnType<typeof setUp>): Promise<void> {
    await timed(clock, cache.close())
    expect(clock.pending()).toBe(0)
    expect(closed()).toBe(1)
    const { length } = faulty.sent
    clock.advance(86_400_000)
    await settle()
    expect(faulty.sent).toHaveLength(length)
    expect(clock.pending()).toBe(0)
  }

  const later = (clock: ReturnType<typeof fakeClock>, ms: number): Promise<string> =>
    new Promise((resolve) => void clock.after(ms, () => resolve('late')))

  test.each([true, false])('waits for running loads, their leases and commits (local copies: %s)', async (local) => {
    const world = setUp({ local })
    const get = world.cache.cached(async (_id: number) => later(world.clock, 5000), { name: 'value' })
    const reads = Promise.all([get(1), get(1), get(2)])
    await pass(world.clock, 1500)
    await expectClean(world)
    expect(await reads).toEqual(['late', 'late', 'late'])
    expect(world.server.records.size).toBe(2)
  })

  test('waits for a commit that is under way', async () => {
    const world = setUp()
    const get = world.cache.cached(async () => 'value', { name: 'value' })
    world.faulty.fail(executesLate(world.clock, 300), ['commit'])
    const reading = get()
    await settle()
    await expectClean(world)
    expect(await reading).toBe('value')
    expect(world.server.records.size).toBe(1)
  })

  test('waits for a set and an invalidation that are under way', async () => {
    const world = setUp()
    world.faulty.fail(executesLate(world.clock, 300), ['open', 'invalidate'])
    const writes = Promise.all([world.cache.set('a', 1), world.cache.invalidate('b')])
    await settle()
    await expectClean(world)
    expect((await writes).map(({ remote }) => remote)).toEqual(['done', 'done'])
  })

  test('waits for refreshes in the background', async () => {
    const world = setUp()
    let loads = 0
    const get = world.cache.cached(async () => (++loads === 1 ? 'first' : later(world.clock, 2000)), {
      name: 'value',
      ttl: '1s',
      staleWhileRevalidate: '1h',
    })
    await get()
    await pass(world.clock, 1000)
    expect(await get()).toBe('first')
    await settle()
    await expectClean(world)
    expect(loads).toBe(2)
  })

  test('waits for a load whose caller was given an old value after softTimeout', async () => {
    const world = setUp()
    let loads = 0
    const get = world.cache.cached(async () => (++loads === 1 ? 'first' : later(world.clock, 5000)), {
      name: 'value',
      ttl: '1s',
      staleWhileRevalidate: 0,
      staleIfError: '1h',
      softTimeout: '100ms',
    })
    await get()
    await pass(world.clock, 1000)
    expect((await timed(world.clock, get())).value).toBe('first')
    await expectClean(world)
  })

  test('waits for somebody else’s lease no longer than that lasts', async () => {
    const world = setUp()
    const get = world.cache.cached(async () => 'value', { name: 'value' })
    await world.server
      .connect({ clock: world.clock })
      .open({ key: get.key(), owner: 'other', lease: 3000, mode: 'load' })
    const reading = get()
    await settle()
    await expectClean(world)
    expect(await reading).toBe('value')
  })

  test.each(Object.entries(faults))(
    'settles when the store is away and invalidations wait for it (it %s)',
    async (_, fault) => {
      const world = setUp()
      const get = world.cache.cached(async (id: number) => id, { name: 'value' })
      await get(1)
      world.faulty.fail(fault)
      await timed(world.clock, Promise.all([get.invalidate(1), world.cache.clear(), get(2)]))
      await expectClean(world)
    },
  )

  test('settles when the loader fails', async () => {
    const world = setUp()
    const get = world.cache.cached(
      async () => {
        await later(world.clock, 1000)
        throw new Error('source is down')
      },
      { name: 'value' },
    )
    const reading = get()
    const failed = expect(reading).rejects.toThrow('source is down')
    await settle()
    await expectClean(world)
    await failed
  })

  test('leaves a function that goes to the loader, and can be called twice', async () => {
    const world = setUp()
    let loads = 0
    const get = world.cache.cached(async () => ++loads, { name: 'value' })
    await get()
    await Promise.all([world.cache.close(), world.cache.close()])
    expect((await get.read()).outcome).toBe('bypass')
    expect([await get(), await get()]).toEqual([3, 4])
    expect(await get.peek()).toBeUndefined()
    await get.set(9)
    await get.invalidate()
    expect(await get()).toBe(5)
    await expectClean(world)
  })
})
