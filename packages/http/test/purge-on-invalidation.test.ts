import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterEach, expect, test } from 'vitest'

import { cloudflarePurge } from '../src/purge-cloudflare.ts'
import { purgeOnInvalidation } from '../src/purge-on-invalidation.ts'
import { reply, startApi } from './purge-api.ts'

/** Failures in tests that expect none. */
const failed: unknown[] = []
const onError = (failure: unknown): void => void failed.push(failure)
afterEach(() => expect(failed).toEqual([]))

/** A CDN that answers when it is told to. */
function heldCdn() {
  const purges: (readonly string[])[] = []
  let answer: ((error?: Error) => void) | undefined
  return {
    purges,
    purge: (names: readonly string[], signal?: AbortSignal): Promise<void> => {
      purges.push(names)
      return new Promise((resolve, reject) => {
        answer = (error) => (error ? reject(error) : resolve())
        signal?.addEventListener('abort', () => resolve())
      })
    },
    answer: (error?: Error) => answer?.(error),
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function pass(clock: ReturnType<typeof fakeClock>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(100)
    await turn()
  }
}

function setUp({ fails = () => false }: { fails?: () => boolean } = {}) {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  const purges: (readonly string[])[] = []
  const failures: (readonly string[])[] = []
  const error = new Error('the CDN is away')
  const purge = async (names: readonly string[]): Promise<void> => {
    purges.push(names)
    if (fails()) throw error
  }
  const onError = (failure: { error: unknown; names: readonly string[] }): void => {
    expect(failure.error).toBe(error)
    failures.push(failure.names)
  }
  return { clock, cache, purges, failures, stop: purgeOnInvalidation(cache, { purge, onError, clock }) }
}

test('one invalidateTags clears this process, the others, the remote store and the CDN, by one request', async () => {
  await using api = await startApi(reply(200, { success: true, errors: [], messages: [], result: { id: 'zone' } }))
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const connect = () =>
    createCache({ namespace: 'shop', clock, store: [memoryStore({ clock }), server.connect({ clock })] })
  const [one, other] = [connect(), connect()]
  let version = 1
  const get = [one, other].map((cache) => cache.cached(async () => version, { name: 'page', tags: ['catalog/tv'] }))
  const purge = cloudflarePurge({ zone: 'zone', token: 'token', ...api.client })
  const stops = [one, other].map((cache) => purgeOnInvalidation(cache, { purge, onError }))
  await Promise.all(get.map((read) => read()))
  version = 2
  await one.invalidateTags(['catalog'])
  await pass(clock, 200)
  expect(await Promise.all(get.map((read) => read()))).toEqual([2, 2])
  await Promise.all(stops.map((stop) => stop()))
  expect(api.received.map(({ body }) => body)).toEqual([{ tags: ['shop#catalog', '%many'] }])
})

test('a purge begins after our own invalidation has been carried out', async () => {
  const clock = fakeClock()
  const remote = createReferenceServer({ clock }).connect({ clock })
  const order: string[] = []
  const store: typeof remote = {
    ...remote,
    async invalidateTags(names) {
      await turn()
      await remote.invalidateTags(names)
      order.push('store')
    },
  }
  const cache = createCache({ namespace: 'shop', clock, store })
  const stop = purgeOnInvalidation(cache, { purge: async () => void order.push('cdn'), onError })
  await cache.invalidateTags(['a'])
  await stop()
  expect(order).toEqual(['store', 'cdn'])
})

test('expireTags and clear are purged too, in every namespace; keys are not', async () => {
  const { cache, purges, stop } = setUp()
  await cache.expireTags(['a'])
  await turn()
  await cache.clear()
  await turn()
  const eu = cache.namespace('eu')
  await eu.invalidateTags(['a/b', 'c'])
  await turn()
  await eu.clear()
  await turn()
  await cache.invalidate('key')
  await cache.expire('key')
  await stop()
  expect(purges).toEqual([['shop#a'], ['shop'], ['shop/eu#a/b', 'shop/eu#c'], ['shop/eu']])
})

test('a burst is one purge, each name once, in the order in which they came', async () => {
  const { cache, purges, stop } = setUp()
  await Promise.all(['b', 'a', 'b', 'c'].map((tag) => cache.invalidateTags([tag])))
  await stop()
  expect(purges.flat()).toEqual(['shop#b', 'shop#a', 'shop#c'])
  expect(purges.length).toBeLessThanOrEqual(2)
})

test('what is invalidated while a purge runs waits for it and is purged then, the same name again', async () => {
  const cdn = heldCdn()
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const stop = purgeOnInvalidation(cache, { purge: cdn.purge, onError })
  await cache.invalidateTags(['a'])
  await turn()
  for (const tag of ['b', 'a', 'c']) await cache.invalidateTags([tag])
  await turn()
  expect(cdn.purges).toEqual([['shop#a']])
  cdn.answer()
  await turn()
  expect(cdn.purges).toEqual([['shop#a'], ['shop#b', 'shop#a', 'shop#c']])
  cdn.answer()
  await stop()
})

test('a purge that failed is reported and tried again later, with what came meanwhile', async () => {
  let away = true
  const { clock, cache, purges, failures, stop } = setUp({ fails: () => away })
  await cache.invalidateTags(['a'])
  await turn()
  expect(failures).toEqual([['shop#a']])
  for (const tag of ['b', 'a']) await cache.invalidateTags([tag])
  await pass(clock, 29_000)
  expect(purges).toEqual([['shop#a']])
  await pass(clock, 2000)
  expect(failures).toEqual([['shop#a'], ['shop#a', 'shop#b']])
  away = false
  await pass(clock, 31_000)
  expect(purges).toEqual([['shop#a'], ['shop#a', 'shop#b'], ['shop#a', 'shop#b']])
  await cache.invalidateTags(['c'])
  await stop()
  expect(purges.at(-1)).toEqual(['shop#c'])
  expect(failures).toHaveLength(2)
  expect(clock.pending()).toBe(0)
})

test('more names than are kept become their namespaces, and too many namespaces what they begin with', async () => {
  const cdn = heldCdn()
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const eu = cache.namespace('eu')
  const stop = purgeOnInvalidation(cache, { purge: cdn.purge, onError })
  await cache.invalidateTags(['first'])
  await turn()
  await eu.invalidateTags(Array.from({ length: 999 }, (_, i) => `t${i}`))
  await cache.invalidateTags(['a', 'b'])
  await cache.invalidateTags(['later'])
  cdn.answer()
  await turn()
  expect(cdn.purges[1]).toEqual(['shop/eu', 'shop', 'shop#later'])
  for (let i = 0; i < 1001; i++) await cache.namespace(`tenant-${i}`).invalidateTags(['t'])
  cdn.answer()
  await turn()
  expect(cdn.purges[2]).toEqual(['shop'])
  cdn.answer()
  await stop()
})

test('what the remote store could not be told is purged at once, and again when it has been told', async () => {
  const clock = fakeClock(100_000)
  const remote = createReferenceServer({ clock }).connect({ clock })
  let away = true
  const store: typeof remote = {
    ...remote,
    invalidateTags: async (names) =>
      away ? Promise.reject(new Error('connection reset')) : remote.invalidateTags(names),
  }
  const cache = createCache({ namespace: 'shop', clock, store })
  const purges: (readonly string[])[] = []
  const purge = async (names: readonly string[]): Promise<void> => void purges.push(names)
  const stop = purgeOnInvalidation(cache, { purge, onError, clock })
  expect(await cache.invalidateTags(['a'])).toMatchObject({ remote: 'queued' })
  await pass(clock, 5000)
  expect(purges).toEqual([['shop#a']])
  away = false
  await pass(clock, 10_000)
  expect(cache.health().stores[0]).toMatchObject({ owed: 0 })
  expect(purges).toEqual([['shop#a'], ['shop#a']])
  await pass(clock, 10_000)
  expect(purges).toHaveLength(2)
  await stop()
})

test('stopping hurries what runs, tries once more what waits, and hears nothing any more', async () => {
  const cdn = heldCdn()
  const cache = createCache({ namespace: 'shop', store: memoryStore() })
  const stop = purgeOnInvalidation(cache, { purge: cdn.purge, onError })
  await cache.invalidateTags(['a'])
  await turn()
  await cache.invalidateTags(['b'])
  const stopped = stop()
  await turn()
  cdn.answer()
  await stopped
  await cache.invalidateTags(['c'])
  await turn()
  expect(cdn.purges).toEqual([['shop#a'], ['shop#b']])
})

test('stopping while the CDN is away ends, reports what is left and leaves no timer', async () => {
  const { clock, cache, failures, stop } = setUp({ fails: () => true })
  await cache.invalidateTags(['a'])
  await turn()
  await cache.close()
  expect(clock.pending()).toBe(1)
  await stop()
  expect(failures).toEqual([['shop#a'], ['shop#a']])
  expect(clock.pending()).toBe(0)
})

test('neither a purge that throws at once nor a listener that throws harms an invalidation', async () => {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'shop', store: memoryStore({ clock }), clock })
  const background: unknown[] = []
  cache.on('backgroundError', (event) => void background.push(event))
  const fail = (): never => {
    throw new Error('no')
  }
  const stop = purgeOnInvalidation(cache, { purge: fail, onError: fail, clock })
  expect(await cache.invalidateTags(['a'])).toEqual({ local: true, remote: 'none' })
  await stop()
  expect(background).toEqual([])
})
