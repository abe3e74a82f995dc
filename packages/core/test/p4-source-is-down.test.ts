import { fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A cache in front of a source of which parts can be taken down, with a value of each key that is old by now. */
async function setUp(keys: number, { expired = false, isGood = (_key: number): boolean => false } = {}) {
  const clock = fakeClock()
  const store = memoryStore({ clock, maxEntries: keys + 1, maxBytes: 2 ** 30 })
  const cache = createCache({ namespace: 'p4', clock, store })
  const state = { loads: 0, isDown: false, value: 'old' }
  const get = cache.cached(
    async (key: number) => {
      state.loads++
      if (state.isDown && !isGood(key)) throw new Error('source is down')
      return state.value
    },
    { name: 'value', ttl: 1000, jitter: 0, staleWhileRevalidate: expired ? 0 : '1h', staleIfError: '2h' },
  )
  for (let key = 0; key < keys; key++) await get(key)
  clock.advance(1000)
  state.isDown = true
  state.loads = 0

  /** Reads all keys, one after the other, and tells of how many loads there were. */
  async function round(): Promise<number> {
    const before = state.loads
    for (let key = 0; key < keys; key++) if ((await get(key)) === undefined) throw new Error(`${key} is lost`)
    await turn()
    return state.loads - before
  }
  return { clock, cache, state, get, round }
}

describe.each([
  ['being refreshed', false],
  ['better than an error', true],
])('P4, values that are %s while the source is down', (_, expired) => {
  test.each([500, 5000])('of %d keys: all are served, for a handful of loads', { timeout: 60_000 }, async (keys) => {
    const { clock, round, state, get } = await setUp(keys, { expired })
    state.value = 'new'
    // some are under way when the others fail
    expect(await round()).toBeLessThanOrEqual(40)
    for (let i = 1; i < 10; i++) {
      clock.advance(100)
      await round()
    }
    expect(state.loads).toBeLessThanOrEqual(45)
    const before = state.loads
    for (let second = 0; second < 10; second++) {
      clock.advance(1000)
      await round()
    }
    expect(state.loads - before).toBeGreaterThanOrEqual(5)
    expect(state.loads - before).toBeLessThanOrEqual(25)

    state.isDown = false
    // the first that is let through opens the way for those after it
    for (let i = 0; i < 15; i++) {
      clock.advance(100)
      await round()
    }
    for (let key = 0; key < keys; key++) if ((await get(key)) !== 'new') throw new Error(`${key} is still old`)
  })
})

test('of 200,000 keys: all are served, for a handful of loads', { timeout: 120_000 }, async () => {
  const { clock, state, get } = await setUp(200_000)
  for (let i = 0; i < 3; i++) {
    for (let key = 0; key < 200_000; key++) if ((await get(key)) !== 'old') throw new Error(`${key} is lost`)
    clock.advance(100)
  }
  expect(state.loads).toBeLessThanOrEqual(45)
})

test('a load that nothing can replace is never held back, and its error is the own one of the source', async () => {
  const { state, round, get } = await setUp(500)
  await round()
  const before = state.loads
  for (let key = 500; key < 600; key++) await expect(get(key)).rejects.toThrow('source is down')
  for (let key = 500; key < 600; key++) await expect(get(key)).rejects.toThrow('source is down')
  expect(state.loads - before).toBe(200)
})

test('keys that never had a value hold nobody back, however often they are asked for', async () => {
  const { clock, state, get } = await setUp(100, { isGood: (key) => key < 100 })
  for (let i = 0; i < 20; i++) {
    for (let key = 100; key < 300; key++) await get(key).catch(() => {})
    const before = state.loads
    for (let key = 0; key < 100; key++) await get(key)
    await turn()
    expect(state.loads - before).toBe(100)
    clock.advance(1000)
  }
})

test.each([
  ['every second one', (key: number) => key % 2 === 0],
  ['those that are read first', (key: number) => key >= 200],
  ['those that are read last', (key: number) => key < 200],
])('when half the keys fail, %s, the others are kept fresh and those that fail are spared', async (_, isGood) => {
  const { clock, state, round, get } = await setUp(400, { isGood })
  // those that fail become known, and what is held meanwhile is served old
  for (let i = 0; i < 600; i++) {
    clock.advance(100)
    await round()
  }
  let old = 0
  const before = state.loads
  const seconds = 20
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000)
    await round()
    for (let key = 0; key < 400; key++) if (isGood(key) && (await get.read(key)).outcome !== 'hit') old++
  }
  expect(old).toBe(0)
  // each good one once a second, each of the others once in 15 to 30
  expect(state.loads - before).toBeLessThanOrEqual(seconds * (200 + 200 / 10))
})

test('the first loads after a quiet time are not held, and bring what is new', async () => {
  const { clock, state, round, get } = await setUp(500, { expired: true })
  await round()
  state.isDown = false
  clock.advance(60_000)
  state.loads = 0
  await Promise.all(Array.from({ length: 100 }, (_, key) => get(key)))
  expect(state.loads).toBe(100)
})
