import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { CacheEvents, RemoteStore, StoreHistory, StoreNodes } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

import { deferred } from './deferred.ts'
import { pass, settle, timed, watchRejections } from './faulty-store.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(async () => {
  await settle()
  expect(rejections.unhandled).toEqual([])
})

const TAGS = 'with the tags'
/** Even keys are on one node, odd ones on the other, and tags on a third one. */
const nodeOfKey = (key: string): string => (Number(/\((\d+)\)$/.exec(key)?.[1] ?? 0) % 2 === 0 ? 'even' : 'odd')

type Failure = () => Promise<unknown>
const hang: Failure = () => new Promise(() => {})

/** A store whose keys are on two nodes and whose tags are on a third one, each of which can fail, and be replaced. */
function spread(store: RemoteStore) {
  const failures = new Map<string, Failure>()
  const asked: string[] = []
  const replaced = new Map<string, string>()
  const runs = new Map<string, number>()

  /** How often it is still known what a node has forgotten. */
  let certain = Infinity
  const named = (name: string): string => replaced.get(name) ?? name
  const at = <T>(node: string, run: () => Promise<T>): Promise<T> => {
    asked.push(node)
    return (failures.get(node) as (() => Promise<T>) | undefined)?.() ?? run()
  }
  const moved = new Map<string, string>()
  const of = (key?: string): string => named(key === undefined ? TAGS : (moved.get(nodeOfKey(key)) ?? nodeOfKey(key)))
  const historyAt = (node: string): string => `${node} ${runs.get(node) ?? 0}`
  const all = (): string[] => ['even', 'odd', TAGS].map(named)
  const ofOne = (keys: readonly string[]): string => {
    const [first = '', ...others] = [...new Set(keys.map(of))]
    expect(others).toEqual([])
    return first
  }

  const nodes: StoreNodes = {
    all,
    of,
    probe: (node) => at(node, async () => {}),
    invalidate: (keys) => at(ofOne(keys), () => store.invalidate(keys)),
    expire: (keys) => at(ofOne(keys), () => store.expire(keys)),
    // the reference store tells by itself
    tell: () => at(of(), async () => {}),
  }
  const history: StoreHistory = {
    of: (key) => historyAt(of(key)),
    isLost(past) {
      if (certain-- <= 0) throw new Error('not known')
      return !all().map(historyAt).includes(past)
    },
  }
  const spreaded: RemoteStore = {
    ...store,
    nodes,
    history,
    read: (key, tags) => at(of(key), () => store.read(key, tags)),
    readTags: (tags) => at(of(), () => store.readTags(tags)),
    open: (request) => at(of(request.key), () => store.open(request)),
    capture: (request) => at(of(), () => store.capture(request)),
    commit: (request) => at(of(request.key), () => store.commit(request)),
    put: (request) => at(of(request.key), () => store.put(request)),
    renew: (request) => at(of(request.key), () => store.renew(request)),
    release: (request) => at(of(request.key), () => store.release(request)),
    invalidateTags: (tags) => at(of(), () => store.invalidateTags(tags)),
    expireTags: (tags) => at(of(), () => store.expireTags(tags)),
  }
  return {
    store: spreaded,
    asked,
    fail: (node: string, failure: Failure = hang) => void failures.set(node, failure),
    heal: (node: string) => void failures.delete(node),
    /** Its keys are on another one from now on; it stays. */
    move: (node: string, to: string) => void moved.set(node, to),
    replace: (node: string, by: string) => void replaced.set(node, by),
    doubt: (after: number) => void (certain = after),
    restart: (node: string) => void runs.set(node, (runs.get(node) ?? 0) + 1),
  }
}

const KEYS = Array.from({ length: 20 }, (_, i) => i)
const EVEN = KEYS.filter((i) => i % 2 === 0)
const ODD = KEYS.filter((i) => i % 2 === 1)

async function setUp({ isLocal = false, bus = true, read = 100 } = {}) {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const cluster = spread(server.connect({ clock, bus, budget: { read, write: 500 } }))
  const store = isLocal ? ([memoryStore({ clock }), cluster.store] as const) : cluster.store
  const cache = createCache({ namespace: 'nodes', clock, store })
  let loads = 0
  let value = 'old'
  const load = async (_id: number): Promise<string> => {
    loads++
    return value
  }
  const options = {
    name: 'value',
    ttl: '1h',
    staleWhileRevalidate: 0,
    staleIfError: 0,
    tags: (id: number) => [`t/${id}`],
  } as const
  const get = cache.cached(load, options)
  await Promise.all(KEYS.map((id) => get(id)))
  loads = 0
  cluster.asked.length = 0
  const readAll = async (ids: readonly number[]): Promise<readonly string[]> => {
    const reading = Promise.all(ids.map((id) => get(id)))
    await pass(clock, 200)
    return reading
  }
  return {
    clock,
    server,
    cluster,
    cache,
    get,
    readAll,
    loads: () => loads,
    change: () => void (value = 'new'),
    state: () => cache.health().stores.find(({ kind }) => kind === 'remote'),
  }
}

describe('one node that does not answer', () => {
  test('one whose last command was not answered is down, and looked at again by who asks for the health', async () => {
    const { cluster, get, state } = await setUp()
    const states = () => [state()?.state, ...(state()?.nodes ?? []).map(({ node, state: own }) => `${node}: ${own}`)]
    cluster.fail('odd', () => Promise.reject(new Error('connection reset')))
    await get(1)
    cluster.heal('odd')
    expect(states()).toEqual(['degraded', `${TAGS}: up`, 'even: up', 'odd: down'])
    await settle()
    expect(states()).toEqual(['up', `${TAGS}: up`, 'even: up', 'odd: up'])
  })

  test('is found by who asks for the health, where nobody asks it anything', async () => {
    const { clock, cluster, state } = await setUp()
    const states = () => (state()?.nodes ?? []).map(({ node, state: own }) => `${node}: ${own}`)
    cluster.fail('odd', () => Promise.reject(new Error('connection reset')))
    await pass(clock, 60_000)
    expect(states()).toEqual([`${TAGS}: up`, 'even: up', 'odd: up'])
    await settle()
    expect(states()).toEqual([`${TAGS}: up`, 'even: up', 'odd: down'])
  })

  test('costs the others nothing: their keys are read, set and invalidated', async () => {
    const { cluster, cache, get, readAll, loads, state } = await setUp()
    cluster.fail('odd')
    await readAll(ODD)
    expect(loads()).toBe(ODD.length)
    expect(state()).toMatchObject({ state: 'degraded', breaker: 'closed' })
    expect(state()?.nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ node: 'even', state: 'up' }),
        expect.objectContaining({ node: 'odd', state: 'down' }),
        expect.objectContaining({ node: TAGS, state: 'up' }),
      ]),
    )
    await readAll(EVEN)
    expect(loads()).toBe(ODD.length)
    expect(await get.invalidate(2)).toEqual({ local: true, remote: 'done' })
    expect(await get.set('set', 4)).toEqual({ local: true, remote: 'done' })
    expect(await cache.invalidateTags(['t/1'])).toEqual({ local: true, remote: 'done' })
  })

  test('is not asked once it is known, but for probes', async () => {
    const { clock, cluster, readAll } = await setUp()
    cluster.fail('odd')
    await readAll(ODD)
    cluster.asked.length = 0
    for (let i = 0; i < 10; i++) await readAll(ODD)
    await pass(clock, 1000)
    expect(cluster.asked.filter((node) => node === 'odd').length).toBeLessThan(15)
  })

  test('holds nobody up: what is owed to it is told when it is back, and what is owed to others at once', async () => {
    const { clock, cluster, get, readAll, change, state } = await setUp()
    cluster.fail('odd', () => Promise.reject(new Error('connection refused')))
    expect((await get.invalidate(1)).remote).toBe('queued')
    expect((await get.invalidate(3)).remote).toBe('queued')
    expect((await get.invalidate(2)).remote).toBe('done')
    expect(state()?.owed).toBe(2)
    change()
    expect(await readAll([1, 2, 3])).toEqual(['new', 'new', 'new'])
    cluster.heal('odd')
    await pass(clock, 600)
    expect(state()).toMatchObject({ owed: 0, state: 'up' })
    expect(await readAll([1, 3])).toEqual(['new', 'new'])
  })

  test('is paid where its keys are by then, once', async () => {
    const { clock, cluster, get, readAll, change, loads, state } = await setUp()
    cluster.fail('odd', () => Promise.reject(new Error('connection refused')))
    change()
    expect((await get.invalidate(1)).remote).toBe('queued')
    cluster.move('odd', 'even')
    for (let i = 0; i < 3; i++) {
      await pass(clock, 600)
      expect(await readAll([1])).toEqual(['new'])
    }
    expect(loads()).toBe(1)
    expect(state()?.owed).toBe(0)
  })

  test('says so with its name when its breaker changes', async () => {
    const { cache, cluster, readAll } = await setUp()
    const heard: CacheEvents['breaker'][] = []
    cache.on('breaker', (event) => heard.push(event))
    cluster.fail('odd')
    await readAll(ODD)
    expect(heard).toEqual([{ store: 'reference', state: 'open', node: 'odd' }])
  })

  test('is forgotten when another one has taken its place', async () => {
    const { clock, cluster, readAll, loads, state } = await setUp()
    cluster.fail('odd')
    await readAll(ODD)
    cluster.replace('odd', 'heir')
    await readAll(ODD)
    await pass(clock, 600)
    expect(loads()).toBe(ODD.length)
    expect(state()?.state).toBe('up')
    expect(
      state()
        ?.nodes?.map(({ node }) => node)
        .toSorted(),
    ).toEqual(['even', 'heir', TAGS])
  })
})

test('the node with the tags is needed by everybody', async () => {
  const { cluster, readAll, loads, state } = await setUp()
  cluster.fail(TAGS)
  await readAll(KEYS)
  expect(loads()).toBe(KEYS.length)
  expect(state()).toMatchObject({ state: 'down', breaker: 'open' })
})

test('invalidations of keys of all nodes are one message, and those that one node cannot be told are queued alone', async () => {
  const { clock, cluster, get } = await setUp()
  cluster.asked.length = 0
  const outcomes = Promise.all(KEYS.map((id) => get.invalidate(id)))
  await pass(clock, 10)
  expect((await outcomes).every(({ remote }) => remote === 'done')).toBe(true)
  expect(cluster.asked.toSorted()).toEqual(['even', 'odd', TAGS])
  cluster.fail('odd', () => Promise.reject(new Error('connection refused')))
  const mixed = await Promise.all(KEYS.map((id) => get.invalidate(id)))
  expect(mixed.map(({ remote }) => remote)).toEqual(KEYS.map((id) => (id % 2 === 0 ? 'done' : 'queued')))
})

describe.each([false, true])('what a node was told lately (local copies: %s)', (isLocal) => {
  /** All of it is done, and the server has forgotten it. */
  async function forgotten() {
    // without a bus, which would notice as well
    const world = await setUp({ isLocal, bus: false, read: 1000 })
    const putBack = world.server.snapshot()
    world.change()
    for (const id of [1, 2]) expect((await world.get.invalidate(id)).remote).toBe('done')
    expect((await world.get.set('new', 3)).remote).toBe('done')
    putBack()
    return world
  }

  test.each([
    ['the node has started anew', (cluster: ReturnType<typeof spread>, node: string) => cluster.restart(node)],
    [
      'another one has taken its place',
      (cluster: ReturnType<typeof spread>, node: string) => cluster.replace(node, `${node}'s heir`),
    ],
  ])('is told again and never read as old where %s', async (_, lose) => {
    const { clock, cluster, readAll } = await forgotten()
    for (const node of ['odd', 'even', TAGS]) lose(cluster, node)
    expect(await readAll([1, 2, 3, 7])).toEqual(['new', 'new', 'new', 'old'])
    await pass(clock, 600)
    expect(await readAll([1, 2, 3, 7])).toEqual(['new', 'new', 'new', 'old'])
  })

  test('is told again also if nobody reads it', async () => {
    const { clock, server, cluster } = await forgotten()
    const before = server.records.size
    cluster.restart('odd')
    await pass(clock, 600)
    expect(server.records.size).toBe(before - 2)
  })

  test('is not told again while the node remembers', async () => {
    const { clock, server } = await forgotten()
    const before = server.records.size
    await pass(clock, 5000)
    expect(server.records.size).toBe(before)
  })

  test('is forgotten after a minute', async () => {
    const { clock, server, cluster } = await forgotten()
    const before = server.records.size
    await pass(clock, 61_000)
    cluster.restart('odd')
    await pass(clock, 600)
    expect(server.records.size).toBe(before)
  })

  test('is told again and never read as old where the keys are on another node', async () => {
    const { cluster, readAll } = await forgotten()
    cluster.move('odd', 'even')
    expect(await readAll([1, 2, 3, 7])).toEqual(['new', 'old', 'new', 'old'])
    expect(await readAll([1, 2, 3, 7])).toEqual(['new', 'old', 'new', 'old'])
  })

  test('is read as old from no copy that was made before it was noticed', async () => {
    const { clock, cluster, readAll } = await forgotten()
    expect(await readAll([1])).toEqual(['old'])
    cluster.restart('odd')
    await pass(clock, 600)
    expect(await readAll([1])).toEqual(['new'])
  })

  test('is not believed from an answer that was given before it was told again', async () => {
    const { clock, cluster, get } = await forgotten()
    const old = await cluster.store.read(get.key(1), [])
    const answer = deferred()
    cluster.fail('odd', () => answer.promise.then(() => old))
    const reading = get.read(1)
    await settle()
    cluster.heal('odd')
    cluster.restart('odd')
    await pass(clock, 600)
    answer.resolve()
    expect((await reading).value).toBe('new')
  })
})

test('a store that cannot say what it has forgotten is not believed, before the answer and after, and holds nobody up', async () => {
  const { clock, cluster, cache, get, loads } = await setUp()
  await get.invalidate(1)
  const told: unknown[] = []
  cache.on('storeError', ({ error }) => told.push((error as Error).message))
  for (let after = 0; after < 8; after++) {
    cluster.doubt(after)
    expect((await timed(clock, get(3))).value).toBe('old')
  }
  expect(new Set(told)).toEqual(new Set(['not known']))
  cluster.doubt(Infinity)
  const before = loads()
  expect([await get(3), loads()]).toEqual(['old', before])
})
