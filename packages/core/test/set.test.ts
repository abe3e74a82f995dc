import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Cache, RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { jsonCodec } from '@shelflife/core/protocol'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { pass, settle } from './faulty-store.ts'

const SET_UPS: Readonly<Record<string, (store: () => RemoteStore) => Cache>> = {
  memory: () => createCache({ namespace: 'set', store: memoryStore() }),
  remote: (store) => createCache({ namespace: 'set', store: store() }),
  'local and remote': (store) => createCache({ namespace: 'set', store: [memoryStore(), store()] }),
}

const manual = { tier: 'manual' } as const

/** Makes the answers to each command wait for the others of its turn, in reverse: as over HTTP, later ones come first. */
function overtaking(store: RemoteStore): RemoteStore {
  let waiting: (() => void)[] = []
  async function turn(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) {
        setImmediate(() => {
          const all = waiting.reverse()
          waiting = []
          for (const go of all) go()
        })
      }
    })
  }
  return {
    ...store,
    async put(request) {
      await turn()
      return store.put(request)
    },
    async invalidate(keys) {
      await turn()
      return store.invalidate(keys)
    },
  }
}

describe.each(Object.entries(SET_UPS))('%s', (_, open) => {
  function setUp(change: (store: RemoteStore) => RemoteStore = (store) => store) {
    const server = createReferenceServer()
    return open(() => change(server.connect()))
  }

  test('the last of several sets of one key wins, and all of them say what became of it', async () => {
    const cache = setUp()
    const values = Array.from({ length: 1000 }, (_, i) => i)
    const results = await Promise.all(values.map((i) => cache.set('key', i, manual)))
    expect(new Set(results.map(({ remote }) => remote)).size).toBe(1)
    expect(results[0]?.remote).not.toBe('queued')
    expect(await cache.get('key')).toBe(999)
    await cache.close()
  })

  test('the last one wins where commands overtake each other', async () => {
    for (let i = 0; i < 20; i++) {
      const cache = setUp(overtaking)
      const first = cache.set('key', 'first', manual)
      for (let turn = 0; turn < i; turn++) await Promise.resolve()
      await Promise.all([first, cache.set('key', 'second', manual)])
      expect(await cache.get('key')).toBe('second')
      await cache.close()
    }
  })

  test.each(['invalidateTags', 'expireTags', 'clear'] as const)(
    'what is set after %s is kept, in one turn',
    async (by) => {
      const cache = setUp()
      const makeVoid = (): Promise<unknown> => (by === 'clear' ? cache.clear() : cache[by](['label']))
      for (let i = 0; i < 20; i++) {
        await cache.set('key', 'before', { tags: ['label'] })
        await Promise.all([makeVoid(), cache.set('key', i, { tags: ['label/more'] })])
        expect(await cache.get('key')).toBe(i)
      }
      const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`)
      await Promise.all(keys.flatMap((key) => [makeVoid(), cache.set(key, key, { tags: ['label'] })]))
      for (const key of keys.slice(-1)) expect(await cache.get(key)).toBe(key)
      await cache.close()
    },
  )

  test('an invalidation that comes after a set leaves nothing, one that comes before leaves the value', async () => {
    for (const change of [undefined, overtaking]) {
      const cache = setUp(change)
      await Promise.all([cache.set('a', 1, manual), cache.invalidate('a')])
      await Promise.all([cache.set('b', 1, manual), cache.invalidate('b'), cache.set('b', 2, manual)])
      expect(await cache.get('a')).toBeUndefined()
      expect(await cache.get('b')).toBe(2)
      await cache.close()
    }
  })

  test.each([
    ['a tag', (cache: Cache) => cache.invalidateTags(['a'])],
    ['a tag around it', (cache: Cache) => cache.invalidateTags(['a', 'b'])],
    ['everything', (cache: Cache) => cache.clear()],
    ['a tag, which expires,', (cache: Cache) => cache.expireTags(['a/b'])],
  ])('an invalidation of %s takes all with it that was set before, whether it was its turn or not', async (_, end) => {
    for (const change of [undefined, overtaking]) {
      const cache = setUp(change)
      let [commits, refusals] = [0, 0]
      cache.on('commit', () => commits++)
      cache.on('refuse', () => refusals++)
      const keys = Array.from({ length: 1200 }, (_, i) => `key${i}`)
      const set = (key: string, value: number) => cache.set(key, value, { ...manual, tags: ['a/b'] })
      const first = set('key0', 0)
      await Promise.resolve()
      const sets = keys.map((key) => set(key, 1))
      await end(cache)
      const after = await Promise.all(keys.map((key) => cache.get(key)))
      await Promise.all([first, ...sets])
      const left = [...after, ...(await Promise.all(keys.map((key) => cache.get(key))))]
      expect(left.filter((value) => value !== undefined)).toEqual([])
      // one was replaced before it was its turn, or not
      expect([commits, refusals]).toEqual([0, expect.toBeOneOf([keys.length, keys.length + 1]) as number])
      await Promise.all([set('key0', 0), end(cache), set('key0', 2)])
      expect(await cache.get('key0')).toBe(2)
      await cache.close()
    }
  })

  test('no load that began before a set takes its place', async () => {
    const cache = setUp()
    let finish: (value: string) => void = () => {}
    const loading = cache.getOrLoad('key', () => new Promise<string>((resolve) => void (finish = resolve)), manual)
    await new Promise(setImmediate)
    await cache.set('key', 'set', manual)
    finish('loaded')
    await loading
    expect(await cache.get('key')).toBe('set')
    await cache.close()
  })
})

describe.each(['remote', 'local and remote'] as const)('%s, several processes', (setUp) => {
  test('of sets at once all are done, and every process finds the value of the same one', async () => {
    const server = createReferenceServer()
    const caches = Array.from({ length: 8 }, () => SET_UPS[setUp]!(() => server.connect()))
    for (let round = 0; round < 20; round++) {
      const results = await Promise.all(caches.map((cache, i) => cache.set('key', `${round}, ${i}`, manual)))
      expect(results.map(({ remote }) => remote)).toEqual(caches.map(() => 'done'))
      await new Promise(setImmediate)
      const found = new Set(await Promise.all(caches.map((cache) => cache.get('key'))))
      expect(found.size).toBe(1)
      expect([...found][0]).toMatch(new RegExp(`^${round}, `))
    }
    await Promise.all(caches.map((cache) => cache.close()))
  })

  test('a set that an invalidation elsewhere has overtaken does not bring the value back', async () => {
    const server = createReferenceServer()
    let put: () => void = () => {}
    let isReached = (): void => {}
    const reached = new Promise<void>((resolve) => void (isReached = resolve))
    const cache = SET_UPS[setUp]!(() => {
      const store = server.connect()
      return {
        ...store,
        async put(request) {
          isReached()
          await new Promise<void>((resolve) => void (put = resolve))
          return store.put(request)
        },
      }
    })
    const other = SET_UPS.remote!(() => server.connect())
    const setting = cache.set('key', 'old', manual)
    await reached
    expect(await other.invalidate('key')).toEqual({ local: true, remote: 'done' })
    put()
    expect(await setting).toEqual({ local: true, remote: 'done' })
    expect(await cache.get('key')).toBeUndefined()
    expect(await other.get('key')).toBeUndefined()
    await Promise.all([cache.close(), other.close()])
  })
})

describe('thousands of sets at once', () => {
  const MANY = 3000
  const setMany = (cache: Cache) => Array.from({ length: MANY }, (_, i) => cache.set(`key${i}`, i, manual))

  test('are not all at work: what waits is not yet encoded, and all are done in the end', async () => {
    const server = createReferenceServer()
    const held: (() => void)[] = []
    let isHeld = true
    let encoded = 0
    const store = server.connect()
    const cache = createCache({
      namespace: 'set',
      codec: {
        ...jsonCodec,
        encode(value) {
          encoded++
          return jsonCodec.encode(value)
        },
      },
      store: {
        ...store,
        async put(request) {
          if (isHeld) await new Promise<void>((resolve) => void held.push(resolve))
          return store.put(request)
        },
      },
    })
    const sets = setMany(cache)
    await settle()
    expect(encoded).toBe(500)
    isHeld = false
    for (const goOn of held) goOn()
    const results = await Promise.all(sets)
    expect(new Set(results.map(({ remote }) => remote))).toEqual(new Set(['done']))
    expect(encoded).toBe(MANY)
    await cache.close()
  })

  test('leave their values in this process when the remote store is gone, whether it was their turn or not', async () => {
    const clock = fakeClock()
    const store = createReferenceServer({ clock }).connect()
    const never = (): Promise<never> => new Promise(() => {})
    const cache = createCache({
      namespace: 'set',
      clock,
      store: [memoryStore(), { ...store, read: never, readTags: never, put: never, invalidate: never }],
    })
    const sets = setMany(cache)
    await pass(clock, 5000)
    const results = await Promise.all(sets)
    expect(results.every(({ local, remote }) => local && remote === 'queued')).toBe(true)
    const found = await Promise.all(sets.map((_, i) => cache.get(`key${i}`)))
    expect(found).toEqual(sets.map((_, i) => i))
  })
})
