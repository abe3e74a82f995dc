import type { FakeClock, ReferenceOptions } from '@shelflife/conformance'
import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { answersLate, faults, faultyStore, pass, settle, timed } from './faulty-store.ts'

const MAX_DRIFT = 1000
const PARTITION_TTL = 30_000

/** Two processes with local copies; `here` is the one that is looked at, `there` the one that invalidates. */
function setUp(options: ReferenceOptions = {}) {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  let source = 'old'
  let loads = 0

  function start(connected: ReferenceOptions) {
    const reference = server.connect({ clock, ...connected })
    const faulty = faultyStore(reference)
    const cache = createCache({ namespace: 'p6', clock, store: [memoryStore({ clock }), faulty.store] })
    const get = cache.cached(
      async (_id: number) => {
        loads++
        return source
      },
      { name: 'value', ttl: '1h', staleWhileRevalidate: 0, staleIfError: 0, tags: (id) => [`group/${id}`] },
    )
    return { cache, get, faulty, ...reference }
  }

  const here = start(options)
  const there = start({})
  return {
    clock,
    here,
    there,
    loads: () => loads,
    reads: () => here.faulty.sent.filter(({ command }) => command === 'read').length,
    /** Both hold the old value when the source changes. */
    async warm() {
      await here.get(1)
      await there.get(1)
      source = 'new'
    },
  }
}

type World = ReturnType<typeof setUp>

const invalidations: readonly (readonly [string, (world: World) => Promise<unknown>])[] = [
  ['invalidate', ({ there }) => there.get.invalidate(1)],
  ['expire', ({ there }) => there.get.expire(1)],
  ['invalidateTags', ({ there }) => there.cache.invalidateTags(['group'])],
  ['expireTags', ({ there }) => there.cache.expireTags(['group/1'])],
  ['clear', ({ there }) => there.cache.clear()],
]

describe.each(invalidations)('%s in another process', (_, act) => {
  test('drops the copy here as soon as the message is here', async () => {
    const world = setUp()
    await world.warm()
    await act(world)
    await settle()
    expect(await world.here.get(1)).toBe('new')
  })

  test('reaches a copy after maxDrift at the latest when the subscriber was dropped', async () => {
    const world = setUp()
    await world.warm()
    world.here.disconnectBus()
    await act(world)
    await pass(world.clock, MAX_DRIFT - 1)
    expect(await world.here.get(1)).toBe('old')
    await pass(world.clock, 1)
    expect(await world.here.get(1)).toBe('new')
  })

  test('reaches a copy after maxDrift at the latest when the connection is half open', async () => {
    let isOpen = true
    const world = setUp({ deliver: (run) => (isOpen ? queueMicrotask(run) : undefined) })
    await world.warm()
    isOpen = false
    await act(world)
    await pass(world.clock, MAX_DRIFT)
    expect(await world.here.get(1)).toBe('new')
  })

  test('reaches a copy after maxDrift at the latest where there is no bus', async () => {
    const world = setUp({ bus: false })
    await world.warm()
    await act(world)
    await pass(world.clock, MAX_DRIFT - 1)
    expect(await world.here.get(1)).toBe('old')
    await pass(world.clock, 1)
    expect(await world.here.get(1)).toBe('new')
  })

  test('is known as soon as the subscriber is back, whatever it missed', async () => {
    const world = setUp()
    await world.warm()
    const gaps: unknown[] = []
    world.here.cache.on('gap', (gap) => gaps.push(gap))
    world.here.disconnectBus()
    await act(world)
    world.here.reconnectBus()
    expect(gaps).toHaveLength(1)
    expect(await world.here.get(1)).toBe('new')
  })

  test('is not overlooked by a process whose event loop was blocked', async () => {
    const waiting: (() => void)[] = []
    const world = setUp({ deliver: (run) => void waiting.push(run) })
    await world.warm()
    await act(world)
    // timers, messages and heartbeats are all late: the first thing that runs is the read
    world.clock.advance(10_000)
    expect(await world.here.get(1)).toBe('new')
    for (const run of waiting) run()
    expect(await world.here.get(1)).toBe('new')
  })

  test('is not overlooked because heartbeats from before it come late', async () => {
    const waiting: (() => void)[] = []
    const world = setUp({ deliver: (run) => void waiting.push(run) })
    await world.warm()
    world.clock.advance(900)
    const sentBefore = waiting.splice(0)
    await act(world)
    world.clock.advance(5000)
    for (const run of sentBefore) run()
    expect(await world.here.get(1)).toBe('new')
  })
})

test('a copy is served for as long as heartbeats arrive, and the remote store is not asked', async () => {
  const { clock, here, warm, reads } = setUp()
  await warm()
  const before = reads()
  await pass(clock, 60_000)
  expect(await here.get(1)).toBe('old')
  expect(reads()).toBe(before)
})

test('without heartbeats a copy is confirmed anew by one read of the remote store and not by a load', async () => {
  const { clock, here, warm, loads, reads } = setUp({ bus: false })
  await warm()
  const before = { loads: loads(), reads: reads() }
  for (let i = 1; i <= 3; i++) {
    await pass(clock, MAX_DRIFT)
    const results = await Promise.all([here.get.read(1), here.get.read(1), here.get.read(1)])
    expect(results.map(({ outcome }) => outcome)).toEqual(['hit', 'hit', 'hit'])
    await pass(clock, MAX_DRIFT - 1)
    expect(await here.get(1)).toBe('old')
    expect({ loads: loads(), reads: reads() }).toEqual({ loads: before.loads, reads: before.reads + i })
    await pass(clock, 1)
  }
})

test('after a gap copies are confirmed by the remote store, and then trusted again', async () => {
  const { here, warm, loads, reads } = setUp()
  await warm()
  const before = loads()
  here.disconnectBus()
  here.reconnectBus()
  expect((await here.get.read(1)).store).toBe('remote')
  const asked = reads()
  expect((await here.get.read(1)).store).toBe('local')
  expect([loads(), reads()]).toEqual([before, asked])
})

test('what was read from the remote store before a gap is not kept after it', async () => {
  const { here, there, warm } = setUp()
  await there.get(1)
  await warm()
  let answer = (): void => {}
  here.faulty.fail(
    async (carryOut) => {
      const found = await carryOut()
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return found
    },
    ['read'],
  )
  here.disconnectBus()
  const reading = here.get(2)
  await settle()
  await there.get.invalidate(2)
  here.reconnectBus()
  here.faulty.heal()
  answer()
  await reading
  await there.get.invalidate(2)
  await settle()
  expect(await here.get(2)).toBe('new')
})

/** The store goes away, and this process has found out: one answer that is late or an error is no reason to do without. */
async function leave({ clock, here }: World): Promise<void> {
  here.faulty.fail(faults.rejects)
  here.disconnectBus()
  for (let id = 100; id < 106; id++) {
    await here.get(id)
    await pass(clock, 300)
  }
}

const until = (clock: FakeClock, at: number): Promise<void> => pass(clock, at - clock.now())

describe('while the remote store is away altogether', () => {
  test('a copy is served for partitionTtl after it was confirmed, then loaded anew', async () => {
    const world = setUp()
    const { clock, here, warm } = world
    await warm()
    const end = clock.now() + PARTITION_TTL
    await leave(world)
    await until(clock, end - 1)
    expect(await here.get(1)).toBe('old')
    await pass(clock, 1)
    expect(await here.get(1)).toBe('new')
  })

  test('the same holds where there is no bus', async () => {
    const world = setUp({ bus: false })
    const { clock, here, warm } = world
    await warm()
    const end = clock.now() + PARTITION_TTL
    await leave(world)
    await until(clock, end - 1)
    expect(await here.get(1)).toBe('old')
    await pass(clock, 1)
    expect(await here.get(1)).toBe('new')
  })

  test('the last heartbeat counts as a confirmation', async () => {
    const world = setUp()
    const { clock, here, warm } = world
    await warm()
    await pass(clock, 20_000)
    const end = clock.now() + PARTITION_TTL
    await leave(world)
    await until(clock, end - 251)
    expect(await here.get(1)).toBe('old')
    await pass(clock, 251)
    expect(await here.get(1)).toBe('new')
  })

  test('a value that was loaded meanwhile is served for partitionTtl too, without asking the source each time', async () => {
    const world = setUp()
    const { clock, here, warm, loads } = world
    await warm()
    await leave(world)
    await pass(clock, PARTITION_TTL)
    await here.get(1)
    const before = loads()
    await pass(clock, PARTITION_TTL - 1)
    expect(await here.get(1)).toBe('new')
    expect(loads()).toBe(before)
    await pass(clock, 1)
    await here.get(1)
    expect(loads()).toBe(before + 1)
  })

  test.each([
    ['late', (clock: FakeClock) => answersLate(clock, 150)],
    ['an error', () => faults.rejects],
  ])('one answer that is %s is no reason to serve a copy that cannot be trusted', async (_, faultOn) => {
    const { clock, here, warm } = setUp()
    await warm()
    here.disconnectBus()
    await pass(clock, MAX_DRIFT)
    here.faulty.fail(faultOn(clock))
    expect((await timed(clock, here.get(1))).value).toBe('new')
  })

  test('an invalidation in this process counts at once', async () => {
    const { here, warm } = setUp()
    await warm()
    here.faulty.fail(faults.rejects)
    here.disconnectBus()
    await here.get.invalidate(1)
    expect(await here.get(1)).toBe('new')
  })

  test('a load that began without it is not handed to those who come after partitionTtl', async () => {
    const clock = fakeClock()
    const server = createReferenceServer({ clock })
    const faulty = faultyStore(server.connect({ clock }))
    const here = createCache({ namespace: 'p6', clock, store: faulty.store })
    const there = createCache({ namespace: 'p6', clock, store: server.connect({ clock }) })
    const loads: ((value: string) => void)[] = []
    const get = here.cached(() => new Promise<string>((resolve) => void loads.push(resolve)), { name: 'value' })
    const getThere = there.cached(async () => 'there', { name: 'value' })
    faulty.fail(faults.rejects)
    const before = get()
    await settle()
    faulty.heal()
    expect(await getThere.invalidate()).toEqual({ local: true, remote: 'done' })
    await pass(clock, PARTITION_TTL)
    const after = get()
    await settle()
    loads[0]?.('old')
    await settle()
    loads[1]?.('new')
    expect([await before, await after]).toEqual(['old', 'new'])
  })

  test('a copy whose gap was noticed is not served although the store cannot be asked', async () => {
    const { here, there, warm } = setUp()
    await warm()
    here.faulty.fail(faults.rejects)
    here.disconnectBus()
    await there.get.invalidate(1)
    here.reconnectBus()
    expect(await here.get(1)).toBe('new')
  })
})
