import type { FakeClock } from '@shelflife/conformance'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

import type { Command, Fault } from './faulty-store.ts'
import {
  answersLate,
  COMMANDS,
  executesLate,
  faults,
  faultyStore,
  pass,
  settle,
  timed,
  watchRejections,
} from './faulty-store.ts'

const READ_BUDGET = 100
const WRITE_BUDGET = 500
const LEASE = 3000

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(async () => {
  await settle()
  expect(rejections.unhandled).toEqual([])
})

function setUp({ local = false } = {}) {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const faulty = faultyStore(server.connect({ clock }))
  const cache = createCache({
    namespace: 'p3',
    store: local ? [memoryStore({ clock }), faulty.store] : faulty.store,
    clock,
  })
  let loads = 0
  const get = cache.cached(async (id: number) => `${id}, load ${++loads}`, {
    name: 'value',
    ttl: '10s',
    staleWhileRevalidate: '10s',
    jitter: 0,
    tags: ['tag'],
  })
  const breaker: string[] = []
  cache.on('breaker', ({ state }) => breaker.push(state))
  const other = createCache({ namespace: 'p3', store: server.connect({ clock }), clock })
  const getElsewhere = other.cached(async (id: number) => `${id}, elsewhere`, { name: 'value', tags: ['tag'] })
  return { clock, server, faulty, cache, get, breaker, other, getElsewhere, loads: () => loads }
}

const everyKindOfFailure: readonly [string, (clock: ReturnType<typeof fakeClock>) => Fault][] = [
  ['rejects', () => faults.rejects],
  ['throws synchronously', () => faults.throws],
  ['hangs', () => faults.hangs],
  ['is slower than its budget', (clock) => executesLate(clock, 2000)],
  ['answers later than its budget', (clock) => answersLate(clock, 2000)],
]

describe.each(everyKindOfFailure)('a store that %s', (_, faultOn) => {
  test('costs a call at most the budget of one read, and the loader answers', async () => {
    const { clock, faulty, get } = setUp()
    faulty.fail(faultOn(clock))
    const { value, took } = await timed(clock, get(1))
    expect(value).toBe('1, load 1')
    expect(took).toBeLessThanOrEqual(READ_BUDGET)
  })

  test('costs nothing any more once the breaker is open', async () => {
    const { clock, faulty, get, breaker } = setUp()
    await get(9)
    faulty.fail(faultOn(clock))
    for (let id = 0; id < 3; id++) await timed(clock, get(id))
    expect(breaker).toEqual(['open'])
    const sent = faulty.sent.length
    expect(await timed(clock, get(7))).toEqual({ value: '7, load 5', took: 0 })
    expect(faulty.sent).toHaveLength(sent)
  })

  test.each([true, false])(
    'is in use a second after it recovers, also for the first who asks (local copies: %s)',
    async (local) => {
      const { clock, faulty, cache, get, loads } = setUp({ local })
      await get(1)
      faulty.fail(faults.hangs)
      await timed(clock, Promise.all(Array.from({ length: 5 }, (_, id) => get(10 + id))))
      faulty.heal()
      const before = loads()
      await pass(clock, 1000)
      expect(cache.health().stores.at(-1)).toMatchObject({ state: 'up', breaker: 'closed' })
      expect([await get(1), loads()]).toEqual(['1, load 1', before])
      expect(await cache.invalidate('other')).toMatchObject({ remote: 'done' })
    },
  )

  test('is used again when it recovers', async () => {
    const { clock, faulty, get, breaker, loads } = setUp()
    await get(9)
    faulty.fail(faultOn(clock))
    for (let id = 0; id < 3; id++) await timed(clock, get(id))
    faulty.heal()
    clock.advance(LEASE + WRITE_BUDGET)
    // finds the pause over, and goes on without the store
    expect((await timed(clock, get(1))).took).toBe(0)
    await settle()
    await timed(clock, get(1))
    expect(breaker).toEqual(['open', 'closed'])
    const before = loads()
    expect((await timed(clock, get(1))).took).toBe(0)
    expect(loads()).toBe(before)
  })

  test('leaves local copies as fast as they were', async () => {
    const { clock, faulty, get } = setUp({ local: true })
    await get(1)
    faulty.fail(faultOn(clock))
    expect(await timed(clock, get(1))).toEqual({ value: '1, load 1', took: 0 })
    expect(faulty.sent.filter(({ command }) => command === 'read')).toHaveLength(1)
  })

  test('makes nothing else throw or hang: writes, invalidations, reads without a loader', async () => {
    const { clock, faulty, cache, get } = setUp()
    faulty.fail(faultOn(clock))
    expect((await timed(clock, get.set('set', 1))).value).toMatchObject({ local: true, remote: 'queued' })
    expect((await timed(clock, get.peek(2))).value).toBeUndefined()
    expect((await timed(clock, cache.get('key'))).value).toBeUndefined()
    expect((await timed(clock, get.refresh(3))).value).toBe('3, load 1')
    for (const call of [get.invalidate(1), get.expire(1), cache.invalidateTags(['tag']), cache.clear()]) {
      expect((await timed(clock, call)).value).toEqual({ local: true, remote: 'queued' })
    }
    await timed(clock, cache.close())
  })
})

describe('a store that has never been heard of', () => {
  test('may be connecting, for as long as a command may take; then it costs nothing any more', async () => {
    const { clock, faulty, get, breaker } = setUp()
    faulty.fail(faults.hangs)
    const opensAfter = WRITE_BUDGET / READ_BUDGET + 2
    for (let id = 0; id < opensAfter; id++) {
      expect(breaker, `before read ${id}`).toEqual([])
      expect((await timed(clock, get(id))).took).toBe(READ_BUDGET)
    }
    expect(breaker).toEqual(['open'])
    expect((await timed(clock, get(opensAfter))).took).toBe(0)
  })

  test('and refuses connections is away at once', async () => {
    const { clock, faulty, get, breaker } = setUp()
    faulty.fail(faults.rejects)
    for (let id = 0; id < 3; id++) expect((await timed(clock, get(id))).took).toBe(0)
    expect(breaker).toEqual(['open'])
  })

  test('and is connected within the time of a write is told what was invalidated, and was never away', async () => {
    const { clock, faulty, get, breaker } = setUp()
    faulty.fail(executesLate(clock, 0.8 * WRITE_BUDGET))
    const reads = [1, 2, 3, 4].map((id) => get(id))
    const told = get.invalidate(9)
    expect((await timed(clock, Promise.all([told, ...reads]))).value[0]).toEqual({ local: true, remote: 'done' })
    expect(breaker).toEqual([])
  })
})

describe.each(COMMANDS)('a store that fails at %s alone', (command) => {
  test.each(Object.entries(faults))('(it %s) costs at most one budget, and the loader answers', async (_, fault) => {
    const { clock, faulty, cache } = setUp({ local: true })
    let loads = 0
    const late = cache.cached(
      async (context, id: number) => {
        context.tag(`late/${id}`)
        return ++loads
      },
      { name: 'late', context: true, ttl: '10s', sliding: true, jitter: 0 },
    )
    faulty.fail(fault, [command])
    const { value, took } = await timed(clock, late(1))
    expect(value).toBe(1)
    expect(took).toBeLessThanOrEqual(WRITE_BUDGET)
    await pass(clock, 5000)
    expect((await timed(clock, late(1))).took).toBeLessThanOrEqual(WRITE_BUDGET)
    expect((await timed(clock, late.expire(1))).took).toBeLessThanOrEqual(WRITE_BUDGET)
    expect((await timed(clock, cache.invalidateTags(['late/1']))).took).toBeLessThanOrEqual(WRITE_BUDGET)
    expect((await timed(clock, late(1))).value).toBe(2)
  })

  test('keeps no caller waiting for longer than a lease, also behind a load elsewhere that never ends', async () => {
    const { clock, faulty, get, server } = setUp()
    const key = get.key(1)
    await server.connect({ clock }).open({ key, owner: 'crashed', lease: LEASE, mode: 'load' })
    faulty.fail(faults.hangs, [command])
    const { value, took } = await timed(clock, get(1))
    expect(value).toBe('1, load 1')
    expect(took).toBeLessThanOrEqual(LEASE + WRITE_BUDGET)
  })
})

test('a store whose wake-ups fail is asked again when the lease ends', async () => {
  for (const fault of [faults.rejects, faults.throws] satisfies Fault[]) {
    const { clock, faulty, get, server } = setUp()
    await server.connect({ clock }).open({ key: get.key(1), owner: 'crashed', lease: LEASE, mode: 'load' })
    faulty.fail(fault, ['settled'])
    expect((await timed(clock, get(1))).value).toBe('1, load 1')
    expect(faulty.sent.length).toBeLessThan(50)
  }
})

const nonsense: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 42],
  ['a text', 'OK'],
  ['an empty object', {}],
  ['an array', []],
  ['the shapes of other commands', { record: 42, ids: 'none', state: 'unheard of', mark: null, retryAfter: 'soon' }],
  ['a record of nothing', { record: {}, ids: [], state: 'filled' }],
]

/** Answers in a turn of its own, so that whoever asks for ever does not hold up the test. */
const answering =
  (answer: unknown): Fault =>
  async () => {
    await new Promise(setImmediate)
    return answer
  }

describe.each(nonsense)('a store that answers %s', (_, answer) => {
  test.each(['everything', ...COMMANDS] as const)('to %s: the loader answers within one budget', async (asked) => {
    const { clock, faulty, cache } = setUp()
    const late = cache.cached(
      async (context, id: number) => {
        context.tag(`late/${id}`)
        return id
      },
      { name: 'late', context: true },
    )
    await timed(clock, late(1))
    faulty.fail(answering(answer), asked === 'everything' ? COMMANDS : [asked])
    for (const id of [1, 2]) {
      const { value, took } = await timed(clock, Promise.all([late(id), late(id)]))
      expect(value).toEqual([id, id])
      expect(took).toBeLessThanOrEqual(WRITE_BUDGET)
    }
    for (const call of [late.set(3, 3), late.expire(1), late.invalidate(1), cache.clear()]) {
      expect((await timed(clock, call)).value.local).toBe(true)
    }
    await timed(clock, cache.close())
  })
})

test.each([0, 1, -1, Number.NaN, Infinity, 1e12])(
  'a store that says for ever that the lease is held for %s ms is asked a few times a second, and no longer than a load may take',
  async (retryAfter) => {
    const { clock, faulty, cache } = setUp()
    const get = cache.cached(async () => 'loaded', { name: 'patient', hardTimeout: '5s' })
    faulty.fail(answering({ state: 'held', retryAfter }), ['open'])
    faulty.fail(faults.rejects, ['settled'])
    const { value, took } = await timed(clock, get())
    expect(value).toBe('loaded')
    expect(took).toBeLessThanOrEqual(5000 + LEASE)
    expect(faulty.sent.length).toBeLessThan(500)
  },
)

test('after a pause one probe alone is sent to see whether the store is back', async () => {
  const { clock, faulty, get } = setUp()
  faulty.fail(faults.rejects)
  for (let id = 0; id < 3; id++) await get(id)
  for (const pause of [250, 250, 250]) {
    const before = faulty.sent.length
    clock.advance(pause - 1)
    await Promise.all([get(10), get(11)])
    expect(faulty.sent).toHaveLength(before)
    clock.advance(1)
    await Promise.all([get(12), get(13), get(14)])
    expect(faulty.sent.slice(before).map(({ command }) => command)).toEqual(['readTags'])
  }
})

test('no caller is the probe: while a store hangs, calls after each pause cost nothing either', async () => {
  const { clock, faulty, get, cache, breaker } = setUp()
  await get(9)
  faulty.fail(faults.hangs)
  await timed(clock, Promise.all([1, 2, 3].map((id) => get(id))))
  for (let round = 0; round < 10; round++) {
    clock.advance(2000)
    for (const call of [get(10), get.set('set', 11), get.peek(12), cache.invalidateTags(['tag'])]) {
      expect((await timed<unknown>(clock, call)).took).toBe(0)
    }
  }
  expect(breaker).toEqual(['open'])
})

test('a store that answers reads and refuses writes costs no time, however often the breaker closes', async () => {
  const { clock, faulty, get, breaker } = setUp()
  faulty.fail(faults.rejects, ['open', 'capture', 'commit', 'touch', 'release'])
  for (let round = 0; round < 10; round++) {
    for (let id = 0; id < 5; id++) expect((await timed(clock, get(id))).took).toBe(0)
    clock.advance(2000)
  }
  expect(breaker.slice(0, 4)).toEqual(['open', 'closed', 'open', 'closed'])
})

/** Answers just inside the budget of each command. */
const slow = (clock: FakeClock, share: number): [Fault, readonly Command[], Fault, readonly Command[]] => {
  const reads: readonly Command[] = ['read', 'readTags']
  const writes = COMMANDS.filter((command) => !reads.includes(command) && command !== 'settled')
  return [answersLate(clock, share * READ_BUDGET), reads, answersLate(clock, share * WRITE_BUDGET), writes]
}

describe.each([0.4, 0.6, 0.9])('a store that takes %s of the budget of each command', (share) => {
  function slowSetUp(options?: { local: boolean }) {
    const world = setUp(options)
    const [read, reads, write, writes] = slow(world.clock, share)
    world.faulty.fail(read, reads)
    world.faulty.fail(write, writes)
    return world
  }

  test.each([true, false])('costs a call one budget in all (local store: %s)', async (local) => {
    const { clock, cache, get } = slowSetUp({ local })
    const late = cache.cached(
      async (context, id: number) => {
        context.tag(`late/${id}`)
        return id % 2 === 0 ? id : undefined
      },
      { name: 'late', context: true },
    )
    const calls: readonly (() => Promise<unknown>)[] = [
      () => get(1),
      () => late(1),
      () => late(2),
      () => get.refresh(3),
      () => late.refresh(1),
      () => get.set('set', 4),
      () => get.invalidate(1),
      () => get.peek(5),
      () => Promise.all(Array.from({ length: 50 }, () => get(6))),
    ]
    for (const call of calls) {
      expect((await timed(clock, call())).took).toBeLessThanOrEqual(WRITE_BUDGET)
      await pass(clock, 2000)
    }
    await timed(clock, cache.close())
  })

  test('has every value all the same, in the background where need be', async () => {
    const { clock, get, getElsewhere, faulty } = slowSetUp()
    if (share > 0.4) faulty.fail((carryOut) => carryOut(), ['open', 'capture'])
    await timed(clock, get(1))
    await pass(clock, 2000)
    expect((await timed(clock, getElsewhere(1))).value).toBe('1, load 1')
    await timed(clock, get.set('set', 2))
    await pass(clock, 2000)
    expect((await timed(clock, getElsewhere(2))).value).toBe('set')
  })

  test('leaves no lease behind', async () => {
    const { clock, get, other, getElsewhere } = slowSetUp()
    await timed(clock, get(1))
    await pass(clock, 1500)
    expect((await timed(clock, getElsewhere(1))).took).toBe(0)
    await other.close()
  })

  test('has a caller who waits for a load elsewhere wait for that load, and one budget more', async () => {
    const { clock, get, server, loads } = slowSetUp()
    const connection = server.connect({ clock })
    const key = get.key(1)
    await connection.open({ key, owner: 'other', lease: LEASE, mode: 'load' })
    for (let at = 1000; at <= 8000; at += 1000) {
      clock.after(at, () => void connection.renew({ key, owner: 'other', lease: LEASE }))
    }
    clock.after(8500, () => void connection.release({ key, owner: 'other', failed: false }))
    const { took } = await timed(clock, get(1))
    expect(loads()).toBe(1)
    // what cannot be asked within one budget is not waited for at all
    expect(took).toBeLessThanOrEqual(8500 + WRITE_BUDGET)
    if (share === 0.4) expect(took).toBeGreaterThanOrEqual(8500)
  })
})

test('what one call may wait for follows the budget that the store states', async () => {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const { store, fail } = faultyStore(server.connect({ clock, budget: { read: 1000, write: 200 } }))
  const get = createCache({ namespace: 'p3', store, clock }).cached(async () => 1, { name: 'value' })
  fail(answersLate(clock, 900), ['read'])
  fail(answersLate(clock, 190), ['open', 'capture', 'commit'])
  expect((await timed(clock, get())).took).toBe(1000)
})

test('a hit in the remote store has no timer but that of its command', async () => {
  const { clock, get, faulty } = setUp()
  await get(1)
  await settle()
  const before = clock.pending()
  let during = 0
  faulty.fail(
    (carryOut) => {
      setImmediate(() => (during = clock.pending()))
      return new Promise((resolve) => void setImmediate(() => resolve(carryOut())))
    },
    ['read'],
  )
  await get(1)
  // and that of `softTimeout`
  expect(during - before).toBeLessThanOrEqual(2)
  await settle()
  expect(clock.pending()).toBe(before)
})

test('a store that hangs is tried again a short pause later, however many callers it kept waiting', async () => {
  const { clock, faulty, get, breaker } = setUp()
  faulty.fail(faults.hangs)
  await timed(clock, Promise.all(Array.from({ length: 50 }, (_, id) => get(id))))
  expect(breaker).toEqual(['open'])
  faulty.heal()
  clock.advance(250)
  await timed(clock, get(100))
  await settle()
  expect(breaker).toEqual(['open', 'closed'])
})

test('all callers of one key together pay one budget, and the loader runs once', async () => {
  const { clock, faulty, get, loads } = setUp()
  faulty.fail(faults.hangs)
  const { value, took } = await timed(clock, Promise.all(Array.from({ length: 50 }, () => get(1))))
  expect(new Set(value)).toEqual(new Set(['1, load 1']))
  expect(took).toBeLessThanOrEqual(READ_BUDGET)
  expect(loads()).toBe(1)
})

test('a store that hangs at the commit costs those who joined a load one budget too, before one of their own', async () => {
  const { clock, faulty, get, loads } = setUp()
  faulty.fail(faults.hangs, ['commit'])
  const { took } = await timed(clock, Promise.all(Array.from({ length: 10 }, () => get(1))))
  expect(took).toBeLessThanOrEqual(WRITE_BUDGET)
  expect(loads()).toBeLessThanOrEqual(2)
})

describe('a read-only store', () => {
  const writes = COMMANDS.filter((command) => !['read', 'readTags', 'settled'].includes(command))

  test('is read from, and loads go on without being stored', async () => {
    const { faulty, get, getElsewhere } = setUp()
    await getElsewhere(1)
    faulty.fail(faults.rejects, writes)
    expect(await get(1)).toBe('1, elsewhere')
    expect(await get(2)).toBe('2, load 1')
    expect(await get(2)).toBe('2, load 2')
  })

  test('serves an old value while each refresh of it fails to be stored', async () => {
    const { clock, faulty, get } = setUp()
    await get(1)
    faulty.fail(faults.rejects, writes)
    clock.advance(11_000)
    expect((await get.read(1)).outcome).toBe('stale')
    await settle()
    expect((await get.read(1)).outcome).toBe('stale')
  })
})

describe('a lease that a failing store leaves behind', () => {
  test('ends in seconds: it was granted after the caller had given up', async () => {
    const { clock, faulty, get } = setUp()
    faulty.fail(executesLate(clock, 600), ['open'])
    await timed(clock, get(1))
    clock.advance(600)
    faulty.heal()
    await settle()
    const { value, took } = await timed(clock, get(1))
    expect(value).toBe('1, load 2')
    expect(took).toBeLessThanOrEqual(LEASE)
  })

  test('is given back when the store fails between the lease and the load', async () => {
    const { clock, faulty, get, other, getElsewhere } = setUp()
    faulty.fail(faults.rejects, ['capture'])
    await get(1)
    faulty.heal()
    await settle()
    expect((await timed(clock, getElsewhere(1))).took).toBe(0)
    await other.close()
  })

  test('is given back when the commit fails', async () => {
    const { clock, faulty, get, getElsewhere } = setUp()
    faulty.fail(faults.rejects, ['commit'])
    await get(1)
    await settle()
    expect((await timed(clock, getElsewhere(1))).took).toBe(0)
  })

  test('does not outlive a load that fails while the store is away', async () => {
    const { clock, faulty, cache, getElsewhere } = setUp()
    const failing = cache.cached(
      async (_id: number): Promise<string> => {
        faulty.fail(faults.hangs)
        throw new Error('source is down')
      },
      { name: 'value2', tags: ['tag'] },
    )
    await expect(timed(clock, failing(1))).rejects.toThrow('source is down')
    expect((await timed(clock, getElsewhere(1))).took).toBeLessThanOrEqual(LEASE)
  })
})

test('who waits for a load elsewhere goes on as soon as the store is known to be away', async () => {
  const clock = fakeClock(100_000)
  const server = createReferenceServer({ clock })
  const { store, fail } = faultyStore(server.connect({ clock }))
  const other = server.connect({ clock })
  const cache = createCache({ namespace: 'shop', store, clock })
  const get = cache.cached(async (id: number) => id, { name: 'value' })
  await other.open({ key: get.key(1), owner: 'other', lease: 3000, mode: 'load' })
  let answered = Infinity
  const from = clock.now()
  void get(1).then(() => {
    answered = clock.now() - from
  })
  await pass(clock, 100)
  fail(faults.rejects)
  for (let id = 2; id < 6; id++) await get(id)
  await pass(clock, 200)
  expect(answered).toBeLessThanOrEqual(400)
})
