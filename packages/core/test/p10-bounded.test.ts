import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { CacheOptions, Codec } from '@shelflife/core'
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

describe('what is invalidated costs nothing that is untouched, and no memory', () => {
  const local = 'memoryStore({ maxEntries: 100_000, maxBytes: 2 ** 30 })'
  const cases: Readonly<Record<string, readonly [use: string, others?: number, store?: string]>> = {
    'sets and invalidations of other keys': ['await cache.set(["other", i], i); await cache.invalidate(["other", i])'],
    'invalidations and expiries of other tags': [
      'await cache[i % 2 ? "invalidateTags" : "expireTags"](["other/" + i])',
      400_000,
    ],
    'invalidations of other keys and tags, with a remote store': [
      'await cache.invalidate(["other", i]); await cache.invalidateTags(["other/" + i])',
      100_000,
      `[${local}, createReferenceServer().connect()]`,
    ],
  }

  test.each(Object.entries(cases))('%s', { timeout: 240_000 }, async (_, [use, others = 1_000_000, store = local]) => {
    const program = `
      const cache = createCache({ namespace: 'p10', store: ${store}, maxDrift: '1h' })
      const get = cache.cached(async (id) => ({ id }), { name: 'value', ttl: '1h', tags: (id) => ['group/' + id] })
      for (let i = 0; i < 50_000; i++) await get(i)
      let finish
      const running = cache.getOrLoad('running', () => new Promise((resolve) => { finish = resolve }))
      async function upTo(from, to) {
        for (let i = from; i < to; i++) {
          ${use}
          if (i % 10_000 === 0) await new Promise(setImmediate)
        }
        return heap()
      }
      const before = await upTo(0, ${others / 10})
      finish('loaded')
      await running
      const after = await upTo(${others / 10}, ${others})
      const { loads } = cache.stats()
      let hits = 0
      for (let i = 0; i < 50_000; i++) if ((await get.read(i)).store === 'local') hits++
      await get(50_000)
      print({ grown: after - before, hits, loads: cache.stats().loads - loads })
    `
    const { grown, hits, loads } = (await inChild(program)) as { grown: number; hits: number; loads: number }
    expect(hits).toBe(50_000)
    expect(loads).toBe(1)
    expect(grown).toBeLessThan(8 * MIB)
  })
})

describe('bytes are those that the process has', () => {
  const tags = Array.from({ length: 30 }, (_, i) => `a tag that has some length ${i}`)
  /** Accounted for a hundred entries, in a process that loads them and in another one that finds them. */
  async function accounted(tagsOf: readonly string[] | ((id: number) => readonly string[])) {
    const server = createReferenceServer()
    const caches = [1, 2].map(() => createCache({ namespace: 'p10', store: [memoryStore(), server.connect()] }))
    for (const cache of caches) {
      const get = cache.cached(async (id: number) => id, {
        name: 'value',
        ttl: '1h',
        tags: tagsOf as readonly string[],
      })
      for (let id = 0; id < 100; id++) await get(id)
    }
    expect(caches.map((cache) => cache.stats().loads)).toEqual([100, 0])
    const bytes = caches.map((cache) => cache.stats().bytes)
    await Promise.all(caches.map((cache) => cache.close()))
    return bytes as [number, number]
  }
  const text = 100 * tags.join('').length

  test('tags of its own count for an entry, wherever it comes from', async () => {
    const bare = await accounted([])
    const tagged = await accounted((id) => tags.map((tag) => `${tag}-${id}`))
    for (const [i, bytes] of tagged.entries()) expect(bytes - bare[i]!).toBeGreaterThan(text)
  })

  test('tags that are the same for all entries are one list, wherever an entry comes from', async () => {
    const bare = await accounted([])
    const tagged = await accounted(tags)
    for (const [i, bytes] of tagged.entries()) expect(bytes - bare[i]!).toBeLessThan(text / 10)
  })

  test('what a remote store keeps compressed counts as what it is here', async () => {
    const server = createReferenceServer()
    const bytes = (length: number) => new TextEncoder().encode(String(length))
    const codec: Codec = {
      id: 60,
      name: 'length',
      encode: (value) => bytes((value as string).length),
      decode: (encoded) => 'x'.repeat(Number(new TextDecoder().decode(encoded))),
    }
    const open = (store: CacheOptions['store']) => createCache({ namespace: 'p10', store, codec })
    const [other, cache] = [open(server.connect()), open([memoryStore({ maxBytes: MIB }), server.connect()])]
    for (let i = 0; i < 50; i++) await other.set(String(i), 'x'.repeat(100_000), { ttl: '1h' })
    for (let i = 0; i < 50; i++) expect(await cache.get(String(i))).toHaveLength(100_000)
    expect(cache.stats().entries).toBe(10)
    await Promise.all([other.close(), cache.close()])
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
})

describe('close', () => {
  function setUp({ local = true, budget = { read: 100, write: 500 } } = {}) {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const faulty = faultyStore(server.connect({ clock, budget }))
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
    const { took } = await timed(clock, cache.close())
    expect(took).toBeLessThan(10_000)
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

  test.each(Object.entries(faults))(
    'settles when the store goes away during sets and loads, and is given longer than the pause between two probes (it %s)',
    async (_, fault) => {
      const world = setUp({ budget: { read: 500, write: 1000 } })
      const get = world.cache.cached((_id: number) => later(world.clock, 3000), { name: 'value' })
      world.faulty.fail(fault)
      const calls = Promise.all([1, 2, 3].flatMap((id) => [get(id), world.cache.set(['other', id], id)]))
      let untold = 0
      world.cache.on('untold', ({ names }) => void (untold += names))
      // somebody who asks how it is asks it again and again
      world.cache.on('storeError', () => void world.cache.health())
      await expectClean(world)
      await calls
      expect(untold).toBe(3)
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
