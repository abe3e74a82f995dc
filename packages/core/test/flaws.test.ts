import type { Cache, Cached, Codec, LifetimeOptions, RemoteStore } from '@shelflife/core'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, test } from 'vitest'

import { createSource, pending, quiet, soon } from './deferred.ts'
import { timed } from './faulty-store.ts'
import { runProgram } from './run-program.ts'
import { createWorld, setUps, withRemote } from './set-ups.ts'
import { thrown } from './thrown.ts'

const LIFETIME = { ttl: '1m', staleWhileRevalidate: 0, staleIfError: 0, jitter: 0 } as const

/** Two processes that load the same from one source, or one where nothing is shared. */
function setUpTwo(setUp: (typeof setUps)[number], lifetime: LifetimeOptions = LIFETIME) {
  const world = createWorld(setUp)
  const source = createSource()
  const processes = [world.start(), world.start()]
  const options = { name: 'value', tags: ['tag'], ...lifetime } as const
  const [here, there] = processes.map(({ cache }) => cache.cached(source.load, options)) as [Get, Get]
  return { ...world, caches: processes.map(({ cache }) => cache), here, there, runs: source.runs }
}
type Get = Cached<[], string>

test.each(setUps)('1: a delete during a load is not undone by it, %s', async (setUp) => {
  const { here, there, runs } = setUpTwo(setUp)
  for (const deleting of setUp === 'local' ? [here] : [here, there]) {
    const load = here()
    await quiet()
    await deleting.invalidate()
    runs.at(-1)?.resolve('old')
    await load
    expect(await here.peek()).toBeUndefined()
    expect(await there.peek()).toBeUndefined()
  }
})

test.each(setUps)('2: an older, slower load does not overwrite a newer set, %s', async (setUp) => {
  const { here, there, runs } = setUpTwo(setUp)
  for (const setting of setUp === 'local' ? [here] : [here, there]) {
    const load = here()
    await quiet()
    await setting.set('newer')
    runs.at(-1)?.resolve('older')
    await load
    expect(await here()).toBe('newer')
    await here.invalidate()
  }
})

test.each(setUps)('3: a loader that ends after its hard timeout overwrites nothing, %s', async (setUp) => {
  const { clock, start } = createWorld(setUp)
  const { load, runs } = createSource()
  const get = start().cache.cached(load, { name: 'value', hardTimeout: '1s' })
  const first = get().catch(() => 'timed out')
  await quiet()
  clock.advance(1000)
  expect(await first).toBe('timed out')
  const second = get()
  await quiet()
  runs[1]?.resolve('newer')
  expect(await second).toBe('newer')
  runs[0]?.resolve('older')
  await quiet()
  expect(await get()).toBe('newer')
})

test.each(setUps)('4: a tag that is invalidated during a load is not lost, %s', async (setUp) => {
  const { caches, here, there, runs } = setUpTwo(setUp)
  for (const cache of setUp === 'local' ? caches.slice(0, 1) : caches) {
    const load = here()
    await quiet()
    await cache.invalidateTags(['tag'])
    runs.at(-1)?.resolve('old')
    await load
    expect(await here.peek()).toBeUndefined()
    expect(await there.peek()).toBeUndefined()
  }
})

test('5: a store that fails between the lease and the load leaves no key locked', async () => {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const healthy = server.connect({ clock })
  let isBroken = true
  const broken: RemoteStore = {
    ...healthy,
    capture: async (request) => (isBroken ? Promise.reject(new Error('connection reset')) : healthy.capture(request)),
  }
  const { load, runs } = createSource()
  const [one, other] = [broken, server.connect({ clock })].map((store) =>
    createCache({ namespace: 'shop', store, clock }).cached(load, { name: 'value' }),
  )
  const first = one?.()
  await quiet()
  runs[0]?.resolve('first')
  expect(await first).toBe('first')
  isBroken = false
  for (const [i, get] of [other, one].entries()) {
    const call = get?.()
    await quiet()
    runs[i + 1]?.resolve('next')
    expect(await soon(call as Promise<string>)).not.toBe(pending)
  }
})

test.each(setUps)('6: a failing loader with 20 callers is called once in each process, %s', async (setUp) => {
  const { here, there, runs } = setUpTwo(setUp)
  const calls = [here, there].flatMap((get) => Array.from({ length: 20 }, () => get().catch(() => 'failed')))
  await quiet()
  runs[0]?.reject(new Error('source is down'))
  await quiet()
  runs[1]?.reject(new Error('source is down'))
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['failed']))
  expect(runs).toHaveLength(2)
})

test.each(setUps)(
  '7: a ttl shorter than the load, or a new wrapper for each request, is one load, %s',
  async (setUp) => {
    const { clock, start } = createWorld(setUp)
    const { load, runs } = createSource()
    const { cache } = start()
    const request = (): Promise<string> =>
      cache.namespace('tenant').cached(load, { name: 'value', ...LIFETIME, ttl: 10 })()
    const calls: Promise<string>[] = []
    for (let i = 0; i < 20; i++) {
      calls.push(request())
      await quiet()
      clock.advance(50)
    }
    runs[0]?.resolve('value')
    await quiet()
    expect(runs).toHaveLength(1)
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
  },
)

test.each(setUps)('8: two tag invalidations at once count as two, %s', async (setUp) => {
  const { caches, here, there, runs } = setUpTwo(setUp)
  const other = setUp === 'local' ? caches[0] : caches[1]
  const invalidate = (): Promise<unknown> =>
    Promise.all([caches[0]?.invalidateTags(['tag']), other?.invalidateTags(['tag'])])
  for (const ending of ['before', 'between', 'after']) {
    const loads = runs.length
    const load = here()
    await quiet()
    if (ending === 'before') runs[loads]?.resolve('old')
    await invalidate()
    if (ending === 'between') runs[loads]?.resolve('old')
    await invalidate()
    runs[loads]?.resolve('old')
    await load
    expect([await here.peek(), await there.peek()]).toEqual([undefined, undefined])
  }
})

test('9: hashed keys have 128 bits at least, and no function is without a name of its own', async () => {
  const cache = createCache({ namespace: 'shop', store: createReferenceServer().connect() })
  const get = cache.cached(async (text: string) => text, { name: 'value' })
  const keys = Array.from({ length: 20_000 }, (_, i) => get.key('x'.repeat(200) + i))
  expect(keys[0]).toMatch(/#[\da-f]{32,}/)
  expect(new Set(keys).size).toBe(keys.length)
  const anonymous = { name: undefined } as unknown as { name: string }
  expect(thrown(() => cache.cached(async () => 1, anonymous)).code).toBe('invalid-option')
  expect(thrown(() => cache.cached(async () => 1, { name: 'value' })).code).toBe('duplicate-name')
  await cache.close()
})

test.each(setUps)('10: different arguments never share a key, %s', async (setUp) => {
  const { cache } = createWorld(setUp).start()
  let loads = 0
  const get = cache.cached(async (..._args: readonly unknown[]) => ++loads, { name: 'value', tier: 'manual' })
  const different: readonly (readonly unknown[])[] = [
    [1],
    ['1'],
    [1n],
    [[1]],
    ['[1]'],
    [true],
    ['true'],
    [],
    [null],
    [Number.NaN],
    ['undefined'],
    ['null'],
    ['NaN'],
    [{}],
    [new Map()],
    [new Set()],
    [[]],
    [''],
    ['a:b', 'c'],
    ['a', 'b:c'],
    ['a,b'],
    ['a', 'b'],
    [['a', 'b']],
    [1, 1],
    [1, 2],
    [{ a: 1 }],
    [{ a: '1' }],
    [{ a: 1, b: null }],
    [new Date(0)],
    ['1970-01-01T00:00:00.000Z'],
    [0],
    [new URL('https://example.com/?page=1')],
    [new URL('https://example.com/?page=2')],
    ['https://example.com/?page=1'],
    [new Uint8Array([1])],
    [new Uint16Array([1])],
  ]
  for (const args of different) await get(...args)
  expect(loads).toBe(different.length)
  for (const [i, args] of different.entries()) expect(await get(...args)).toBe(i + 1)
})

test('11: ttl 0, negative, NaN or misspelt is refused, and 1h30m is an hour and a half', async () => {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  for (const ttl of [0, -1, Number.NaN, '0', '90', '1hour', '30m1h']) {
    const options = { name: 'refused', ttl } as unknown as { name: string }
    expect(thrown(() => cache.cached(async () => 1, options)).code).toBe('invalid-duration')
  }
  const get = cache.cached(async () => 1, { name: 'value', ...LIFETIME, ttl: '1h30m' })
  await get()
  clock.advance(5_400_000 - 1)
  expect((await get.read()).outcome).toBe('hit')
  clock.advance(1)
  expect((await get.read()).outcome).toBe('miss')
})

test('12: a copy that is promoted keeps the rest of its ttl', async () => {
  const { here, there, clock } = setUpTwo('local and remote')
  await here.set('value')
  clock.advance(59_999)
  expect(await there.read()).toMatchObject({ outcome: 'hit', age: 59_999 })
  clock.advance(1)
  expect(await there.peek()).toBeUndefined()
})

test.each(setUps)('13: a stale window shorter than ttl does not shorten the life of an entry, %s', async (setUp) => {
  const { here, clock } = setUpTwo(setUp, { ...LIFETIME, staleWhileRevalidate: '1s', staleIfError: '1s' })
  await here.set('value')
  clock.advance(59_999)
  expect((await here.read()).outcome).toBe('hit')
})

test.each(setUps)('14: what is falsy counts as a hit, and types are the same on the second call, %s', async (setUp) => {
  const { start } = createWorld(setUp)
  const processes = [start(), start()]
  for (const [i, value] of [0, '', false, null, new Date(0), { at: new Date(0) }, [undefined]].entries()) {
    let loads = 0
    const load = async (): Promise<unknown> => {
      loads++
      return value
    }
    const [here, there] = processes.map(({ cache }) => cache.cached(load, { name: `value${i}` }))
    expect([await here?.(), await here?.(), await there?.()]).toStrictEqual([value, value, value])
    const isCarried = setUp === 'local' || typeof value !== 'object' || value === null
    if (isCarried) expect(loads).toBe(setUp === 'local' ? 2 : 1)
  }
})

test.each(setUps)('15: an error is thrown and never becomes a value, nor undefined, %s', async (setUp) => {
  const { cache } = createWorld(setUp).start()
  const failure = new Error('source is down')
  const get = cache.cached(async () => Promise.reject<string>(failure), { name: 'value' })
  for (let i = 0; i < 3; i++) await expect(get()).rejects.toBe(failure)
  expect(await get.peek()).toBeUndefined()
})

test.each(setUps)('16: a caller who pushes into an array does not change that of the next one, %s', async (setUp) => {
  const { cache } = createWorld(setUp).start()
  const get = cache.cached(async () => ['a'], { name: 'value' })
  for (const callers of [1, 3, 1, 3]) {
    const [first, ...others] = await Promise.all(Array.from({ length: callers }, () => get()))
    expect(first).toEqual(['a'])
    try {
      first?.push('graffiti')
    } catch (error) {
      // frozen, because somebody else has it too or may get it
      expect(error).toBeInstanceOf(TypeError)
    }
    for (const other of others) expect(other).toEqual(['a'])
  }
  expect(await get()).toEqual(['a'])
})

test('17: options are left as they are', async () => {
  const options = { name: 'value', ttl: '1m', tags: ['tag'] } as const
  const cacheOptions = { namespace: 'shop', store: memoryStore(), tiers: { own: { ttl: '1s' } } } as const
  const before = structuredClone({ options, tiers: cacheOptions.tiers })
  const cache = createCache(cacheOptions)
  const get = cache.cached(async () => 1, options)
  await get()
  await cache.set('key', 1, { tags: options.tags })
  expect({ options, tiers: cacheOptions.tiers }).toEqual(before)
  expect(Object.keys(cacheOptions)).toEqual(['namespace', 'store', 'tiers'])
})

test.each([
  ['invalidate', (_cache: Cache, get: Get) => get.invalidate()],
  ['clear', (cache: Cache) => cache.clear()],
] as const)('20: %s by a process that does not hold the key reaches those that do', async (_what, act) => {
  const { here, there, caches, runs } = setUpTwo('local and remote')
  const call = here()
  await quiet()
  runs[0]?.resolve('old')
  await call
  await act(caches[1] as Cache, there)
  await quiet()
  expect(await here.peek()).toBeUndefined()
})

test.each(withRemote)(
  '21: when the ids of tags are evicted, old entries do not come back to life, %s',
  async (setUp) => {
    const { here, there, caches, server, clock } = setUpTwo(setUp)
    await here.set('old')
    await caches[0]?.invalidateTags(['tag'])
    server.tags.clear()
    // somebody else makes new ids
    await caches[1]?.set('other', 1, { tags: ['tag'] })
    clock.advance(1000)
    expect([await here.peek(), await there.peek()]).toEqual([undefined, undefined])
    await here.set('newer')
    server.tags.clear()
    await caches[1]?.set('other', 1, { tags: ['tag'] })
    expect(await there.peek()).toBeUndefined()
  },
)

test.each(withRemote)('22: as many processes as there may be cause one load, %s', async (setUp) => {
  const { start } = createWorld(setUp)
  const { load, runs } = createSource()
  const gets = Array.from({ length: 10 }, () => start().cache.cached(load, { name: 'value' }))
  const calls = gets.map((get) => get())
  await quiet()
  runs[0]?.resolve('value')
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['value']))
  expect(runs).toHaveLength(1)
})

test('24: two releases with different formats do not overwrite each other for ever', async () => {
  const { clock, server, start } = createWorld('remote')
  const next: Codec = {
    id: 99,
    name: 'next',
    encode: (value) => new TextEncoder().encode(JSON.stringify([value])),
    decode: (bytes) => (JSON.parse(new TextDecoder().decode(bytes)) as unknown[])[0],
  }
  const loads = { old: 0, new: 0 }
  const older = start().cache.cached(async () => `old ${++loads.old}`, { name: 'value', tier: 'manual' })
  const newer = start({ codec: next }).cache.cached(async () => `new ${++loads.new}`, { name: 'value', tier: 'manual' })
  const values: string[] = []
  clock.advance(1)
  for (let i = 0; i < 10; i++) values.push(await older(), await newer())
  // the newer one keeps what it stored; the older one gets on without
  expect(loads.new).toBe(1)
  expect(server.commands.get('commit')).toBe(2)
  expect(values.filter((value) => value === 'new 1')).toHaveLength(10)
  expect(loads.old).toBe(10)
  // what stays when it has gone is no reason to load for ever
  clock.advance(60_000)
  for (let i = 0; i < 10; i++) await older()
  expect(loads.old).toBe(11)
})

test('27: a store that only throws does not make a call fail whose loader works', async () => {
  const clock = fakeClock()
  const remote = createReferenceServer({ clock }).connect({ clock })
  const fail = async (): Promise<never> => Promise.reject(new Error('store is down'))
  const names = Object.keys(remote).filter((name) => typeof remote[name as 'read'] === 'function')
  const commands = names.filter((name) => !['protocol', 'disconnectBus', 'reconnectBus'].includes(name))
  const store = { ...remote, ...Object.fromEntries(commands.map((name) => [name, fail])) }
  const cache = createCache({ namespace: 'shop', store, clock })
  const get = cache.cached(async (id: number) => id, { name: 'value' })
  for (let id = 0; id < 10; id++) expect(await get(id)).toBe(id)
  expect(await get.refresh(1)).toBe(1)
  expect(await get.invalidate(1)).toEqual({ local: true, remote: 'queued' })
  expect(await cache.getOrLoad('key', () => 'value')).toBe('value')
  expect(await cache.get('key')).toBeUndefined()
  await timed(clock, cache.close())
})

const PROGRAM = `
  import { createCache } from '@shelflife/core'
  import { memoryStore } from '@shelflife/memory'
  import { createReferenceServer } from '../../conformance/src/reference-store.ts'
  const turn = () => new Promise((resolve) => setTimeout(resolve, 20))
`

test('28: a background write that fails is reported, and does not end the process', async () => {
  const stdout = await runProgram(`${PROGRAM}
    const server = createReferenceServer()
    const down = async () => Promise.reject(new Error('store is down'))
    const remote = { ...server.connect(), commit: down, release: down, renew: down, touch: down }
    const cache = createCache({ namespace: 'shop', store: remote })
    cache.on('storeError', ({ command }) => console.log(command))
    const other = createCache({ namespace: 'shop', store: server.connect() })
    await other.set('key', 'old', { ttl: 1, staleWhileRevalidate: '1h' })
    await turn()
    const value = await cache.getOrLoad('key', async () => 'new', { staleWhileRevalidate: '1h' })
    await turn()
    console.log(value, 'still running')
  `)
  expect(stdout).toContain('commit\n')
  expect(stdout).toContain('old still running\n')
})

test('29: memory is bounded by default, in entries and in bytes', async () => {
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  for (let i = 0; i < 60_000; i++) await cache.set(i, i)
  expect(cache.stats().entries).toBeLessThanOrEqual(50_000)
  for (let i = 0; i < 100; i++) await cache.set(`large${i}`, String(i).padEnd(2 ** 20, 'x'))
  expect(cache.stats().bytes).toBeLessThanOrEqual(64 * 2 ** 20)
  await cache.close()
})

test('29: expired entries are swept although nobody asks for them, with one timer for all', async () => {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  for (let i = 0; i < 1000; i++) await cache.set(i, i, { ttl: '1s', staleWhileRevalidate: 0, staleIfError: 0 })
  expect(cache.stats().entries).toBe(1000)
  expect(clock.pending()).toBe(1)
  clock.advance(60_000)
  expect(cache.stats().entries).toBe(0)
  expect(clock.pending()).toBe(0)
})

test('30: a local hit sends no command, with tags and without', async () => {
  const { here, server } = setUpTwo('local and remote')
  await here.set('value')
  const sent = (): number => [...server.commands.values()].reduce((sum, count) => sum + count, 0)
  const before = sent()
  for (let i = 0; i < 100; i++) expect((await here.read()).outcome).toBe('hit')
  for (let i = 0; i < 100; i++) await here()
  expect(sent()).toBe(before)
})

test.each([
  ['after close()', 'await cache.close()'],
  [
    'without close(), while a refresh in the background hangs',
    `const options = { name: 'hanging', ttl: '1h', staleWhileRevalidate: '1h', hardTimeout: '1h' }
    const hanging = cache.cached(() => new Promise(() => {}), options)
    await hanging.set('old')
    await hanging.expire()
    await hanging()`,
  ],
])('32: a process with a cache exits by itself %s', async (_how, end) => {
  const stdout = await runProgram(`${PROGRAM}
    const server = createReferenceServer()
    const cache = createCache({ namespace: 'shop', store: [memoryStore(), server.connect()] })
    const get = cache.cached(async (id) => id, { name: 'value', ttl: '1h', hardTimeout: '1h', softTimeout: '1h' })
    await get(1)
    await get(1)
    ${end}
    await turn()
    console.log('done')
    process.on('exit', () => console.log('exit'))
  `)
  expect(stdout).toBe('done\nexit\n')
})
