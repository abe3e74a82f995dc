import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { expect, test } from 'vitest'

import { quiet } from './deferred.ts'
import { settle } from './faulty-store.ts'

/** More than may ask a store at once. */
const MANY = 600

test('those who wait for a load in another process hold nobody up', async () => {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const open = () => createCache({ namespace: 'many', clock, store: server.connect() })
  const [here, elsewhere] = [open(), open()]
  const names = { name: 'value', ttl: '1h' } as const
  const never = elsewhere.cached((_id: number) => new Promise<string>(() => {}), names)
  const get = here.cached(async (_id: number) => 'here', names)
  for (let id = 0; id < MANY; id++) void never(id).catch(() => {})
  await settle()
  const waiting = Array.from({ length: MANY }, (_, id) => get(id))
  await settle()
  expect(await get(MANY)).toBe('here')
  expect(here.stats().waits).toBe(MANY)
  // until the loads over there have timed out, and their leases have ended
  for (let i = 0; i < 20; i++) {
    clock.advance(5000)
    await settle()
  }
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['here']))
  await Promise.all([here.close(), elsewhere.close()])
})

test('of tens of thousands of invalidations at once a few thousand are under way', async () => {
  const store = createReferenceServer().connect()
  const sent: string[] = []
  let goOn = (): void => {}
  const told = new Promise<void>((resolve) => (goOn = resolve))
  async function invalidate(keys: readonly string[]): Promise<void> {
    sent.push(...keys)
    await told
    await store.invalidate(keys)
  }
  const cache = createCache({ namespace: 'many', store: { ...store, invalidate } })
  const all = Array.from({ length: 20_000 }, (_, id) => cache.invalidate(`key-${id}`))
  await settle()
  expect(sent).toHaveLength(4000)
  goOn()
  const outcomes = await Promise.all(all)
  expect(outcomes.every(({ remote }) => remote === 'done')).toBe(true)
  expect(sent).toHaveLength(20_000)
  await cache.close()
})

test.each([
  { ms: 2, most: 200 },
  { ms: 20, most: 400 },
  { ms: 50, most: 1000 },
  { ms: 80, most: 1000 },
])('over a way of $ms ms $most commands of sets are under way, however much later many are answered', async (way) => {
  const clock = fakeClock()
  const { open, capture, put, ...store } = createReferenceServer({ clock }).connect()
  let [takes, underWay] = [way.ms, 0]
  async function late<T>(run: () => Promise<T>): Promise<T> {
    underWay++
    await new Promise<void>((resolve) => void clock.after(takes, resolve))
    underWay--
    return run()
  }
  const cache = createCache({
    namespace: 'many',
    clock,
    store: {
      ...store,
      open: (request) => late(() => open(request)),
      capture: (request) => late(() => capture(request)),
      put: (request) => late(() => put(request)),
    },
  })
  const { set } = cache.cached(async (_id: number) => 'value', { name: 'value', ttl: '1h' })
  async function setMany(count: number): Promise<number> {
    const all = Array.from({ length: count }, (_, id) => set('value', id))
    let most = 0
    await settle()
    while (underWay > 0) {
      most = Math.max(most, underWay)
      clock.advance(2)
      await settle()
    }
    const outcomes = await Promise.all(all)
    expect(outcomes.every(({ remote }) => remote === 'done')).toBe(true)
    return most
  }
  await setMany(1)
  takes = 100
  await setMany(3000)
  expect(await setMany(3000)).toBe(way.most)
  await cache.close()
})

test.each([1, 2, 5])(
  'one key that is read without a pause is never loaded while the store has it, %d reads at a time',
  async (at) => {
    const clock = fakeClock()
    const { read, ...store } = createReferenceServer({ clock }).connect({ clock })
    let takes = 0
    const cache = createCache({
      namespace: 'hot',
      clock,
      store: {
        ...store,
        async read(key, tags) {
          await new Promise<void>((resolve) => void (takes > 0 ? clock.after(takes, resolve) : resolve()))
          return read(key, tags)
        },
      },
    })
    const get = cache.cached(async () => 'value', { name: 'value', ttl: '1h' })
    await get()
    takes = 4
    const reads: Promise<string>[] = []
    for (let i = 0; i < 2000; i++) {
      for (let j = 0; j < at; j++) reads.push(get())
      clock.advance(1)
      await quiet()
    }
    takes = 0
    clock.advance(10)
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['value']))
    expect(cache.stats()).toMatchObject({ loads: 1, misses: 1, hits: at * 2000 })
    await cache.close()
  },
)
