import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

import type { Command, Fault } from './faulty-store.ts'
import { answersLate, executesLate, faults, faultyStore, pass, settle, timed, watchRejections } from './faulty-store.ts'

const rejections = watchRejections()
afterAll(() => rejections.stop())
afterEach(async () => {
  await settle()
  expect(rejections.unhandled).toEqual([])
})

/** One process with a store that can fail, and another one with a store that works. */
function setUp(local: boolean) {
  const clock = fakeClock()
  const server = createReferenceServer({ clock })
  const faulty = faultyStore(server.connect({ clock }))
  const options = { namespace: 'p5', clock, lease: '200ms' } as const
  const cache = createCache({ ...options, store: local ? [memoryStore({ clock }), faulty.store] : faulty.store })
  const other = createCache({ ...options, store: server.connect({ clock }) })
  let source = 'old'
  const wrapped = {
    name: 'value',
    ttl: '1h',
    staleWhileRevalidate: 0,
    staleIfError: 0,
    tags: (id: number) => [`group/${id}`],
  } as const
  const load = async (_id: number): Promise<string> => source
  return {
    clock,
    server,
    faulty,
    cache,
    get: cache.cached(load, wrapped),
    getElsewhere: other.cached(load, wrapped),
    change: () => {
      source = 'new'
    },
  }
}

type World = ReturnType<typeof setUp>

const ways: readonly (readonly [string, (world: World) => Promise<{ readonly remote: string }>, Command])[] = [
  ['invalidate', ({ get }) => get.invalidate(1), 'invalidate'],
  ['expire', ({ get }) => get.expire(1), 'expire'],
  ['invalidateTags', ({ cache }) => cache.invalidateTags(['group']), 'invalidateTags'],
  ['expireTags', ({ cache }) => cache.expireTags(['group/1']), 'expireTags'],
  ['clear', ({ cache }) => cache.clear(), 'invalidateTags'],
  ['set', ({ get }) => get.set('new', 1), 'invalidate'],
]

describe.each(ways)('%s while the remote store is away', (_, act, command) => {
  describe.each([true, false])('(local copies: %s)', (local) => {
    async function cutOff(fault: Fault = faults.rejects): Promise<World> {
      const world = setUp(local)
      await world.get(1)
      world.change()
      world.faulty.fail(fault)
      return world
    }

    test.each(Object.entries(faults))(
      'says that it is queued and has taken effect here (the store %s)',
      async (_name, fault) => {
        const world = await cutOff(fault)
        const { value, took } = await timed(world.clock, act(world))
        expect(value).toEqual({ local: true, remote: 'queued' })
        expect(took).toBeLessThanOrEqual(500)
        expect((await timed(world.clock, world.get(1))).value).toBe('new')
      },
    )

    test('is not undone by the old value in the store when that answers again before it was told', async () => {
      const world = await cutOff()
      await act(world)
      world.faulty.heal()
      expect(await world.getElsewhere(1)).toBe('old')
      expect(await world.get(1)).toBe('new')
      expect(await world.get.peek(1)).not.toBe('old')
      expect(world.faulty.sent.filter((one) => one.command === command).length).toBeLessThanOrEqual(2)
    })

    test('is told to the store when that answers again, and every process sees it', async () => {
      const world = await cutOff()
      await act(world)
      await pass(world.clock, 2000)
      expect(await world.getElsewhere(1)).toBe('old')
      world.faulty.heal()
      await pass(world.clock, 6000)
      expect(await world.getElsewhere(1)).toBe('new')
      expect(await world.get(1)).toBe('new')
    })

    test('is told once, and the store is left alone after that', async () => {
      const world = await cutOff()
      await act(world)
      world.faulty.heal()
      await pass(world.clock, 6000)
      expect(world.faulty.sent.at(-1)?.command).toBe(command)
      const { length } = world.faulty.sent
      await pass(world.clock, 10_000)
      expect(world.faulty.sent).toHaveLength(length)
    })

    test('does no harm when the command that timed out is carried out late', async () => {
      const world = await cutOff()
      world.faulty.fail(executesLate(world.clock, 4000))
      await timed(world.clock, act(world))
      world.faulty.heal()
      await pass(world.clock, 2000)
      expect(await world.get(1)).toBe('new')
      expect(await world.getElsewhere(1)).toBe('new')
      await pass(world.clock, 4000)
      expect(await world.get(1)).toBe('new')
      expect(await world.getElsewhere(1)).toBe('new')
    })
  })
})

test('what was queued is told together, as soon as the store answers', async () => {
  const { clock, faulty, cache, get } = setUp(true)
  faulty.fail(faults.rejects)
  for (let id = 0; id < 2500; id++) void get.invalidate(id)
  await cache.expireTags(['b'])
  await get.expire(2500)
  await cache.invalidateTags(['a'])
  await cache.clear()
  faulty.sent.length = 0
  faulty.heal()
  await pass(clock, 500)
  const told = faulty.sent.map(({ command, about }) => [command, (about as readonly string[]).length])
  expect(told).toEqual([
    ['readTags', 1],
    ['invalidate', 1000],
    ['invalidate', 1000],
    ['invalidate', 500],
    ['expireTags', 1],
    ['expire', 1],
    ['invalidateTags', 2],
  ])
})

test('what is said while others wait is told at once, and pays for the same names', async () => {
  const { clock, faulty, get } = setUp(true)
  faulty.fail(faults.rejects)
  await get.invalidate(1)
  await get.expire(2)
  faulty.heal()
  faulty.sent.length = 0
  for (const id of [1, 2, 3]) expect(await get.invalidate(id)).toEqual({ local: true, remote: 'done' })
  await pass(clock, 6000)
  expect(faulty.sent.map(({ about }) => about)).toEqual([[get.key(1)], [get.key(2)], [get.key(3)]])
})

test('an invalidation that fails while an earlier one of its name is under way is not paid by that one', async () => {
  const { clock, faulty, get, cache } = setUp(true)
  let carryOutFirst: () => unknown = () => {}
  faulty.fail(
    (carryOut) =>
      new Promise((resolve) => {
        carryOutFirst = () => resolve(carryOut())
      }),
    ['invalidate'],
  )
  const first = get.invalidate(1)
  await settle()
  faulty.fail(faults.rejects, ['invalidate'])
  expect(await get.invalidate(1)).toMatchObject({ remote: 'queued' })
  carryOutFirst()
  expect(await first).toMatchObject({ remote: 'done' })
  expect(cache.health().stores.at(-1)).toMatchObject({ owed: 1 })
  faulty.heal()
  await pass(clock, 500)
  expect(cache.health().stores.at(-1)).toMatchObject({ owed: 0 })
})

test('a list that is refused in part or as a whole is told again until it is carried out', async () => {
  const { clock, faulty, get } = setUp(true)
  faulty.fail(faults.rejects)
  for (const id of [1, 2, 3]) await get.invalidate(id)
  faulty.sent.length = 0
  faulty.heal()
  faulty.fail(faults.rejects, ['invalidate'])
  await pass(clock, 6000)
  const refused = faulty.sent.filter(({ command }) => command === 'invalidate').length
  expect(refused).toBeGreaterThan(3)
  faulty.heal()
  await pass(clock, 500)
  const names = [get.key(1), get.key(2), get.key(3)]
  expect(faulty.sent.filter(({ command }) => command === 'invalidate').at(-1)?.about).toEqual(names)
})

test('what is owed is told as soon as a probe finds the store back, also when nobody calls', async () => {
  for (const isCalled of [true, false]) {
    const { clock, faulty, cache, get } = setUp(true)
    faulty.fail(faults.rejects)
    for (const id of [1, 2, 3]) await get.invalidate(id)
    await pass(clock, 100)
    for (const id of [1, 2, 3, 4]) await get(id)
    const owed = (): number | undefined => cache.health().stores[1]?.owed
    expect([cache.health().stores[1]?.breaker, owed()]).toEqual(['open', 3])
    faulty.heal()
    clock.advance(250)
    if (isCalled) await get(5)
    await settle()
    if (isCalled) expect(owed()).toBe(0)
    await pass(clock, 500)
    expect(owed()).toBe(0)
  }
})

test('an event says what is known, first that it is queued', async () => {
  const { faulty, cache, get } = setUp(true)
  const outcomes: string[] = []
  cache.on('invalidate', ({ remote }) => outcomes.push(remote))
  await get.invalidate(1)
  faulty.fail(faults.rejects)
  await get.invalidate(1)
  expect(outcomes).toEqual(['done', 'queued'])
})

test.each(ways.filter(([way]) => way !== 'set'))('%s counts here before the store has answered', async (_, act) => {
  for (const local of [true, false]) {
    const world = setUp(local)
    await world.get(1)
    world.change()
    world.faulty.fail(faults.hangs)
    const acting = act(world)
    await settle()
    expect((await timed(world.clock, world.get(1))).value).toBe('new')
    await timed(world.clock, acting)
  }
})

test('what the store said before it was told is not believed when the answer comes after it was told', async () => {
  const world = setUp(false)
  await world.get(1)
  world.change()
  world.faulty.fail(faults.rejects)
  await world.get.invalidate(1)
  world.faulty.heal()
  await settle()
  await pass(world.clock, 450)
  // the answer is from before the replay and arrives after it
  world.faulty.fail(answersLate(world.clock, 90), ['read'])
  expect((await timed(world.clock, world.get(1))).value).toBe('new')
})

test('a tag that only the load named is not trusted either while its invalidation waits', async () => {
  for (const command of ['invalidateTags', 'expireTags'] as const) {
    const { faulty, cache } = setUp(false)
    let loads = 0
    const late = cache.cached(
      async (context) => {
        context.tag('late/tag')
        return ++loads
      },
      { name: 'late', context: true, ttl: '1h', staleWhileRevalidate: 0 },
    )
    expect([await late(), await late()]).toEqual([1, 1])
    faulty.fail(faults.rejects)
    await cache[command](['late'])
    faulty.heal()
    expect(await late()).toBe(2)
  }
})

describe('more waiting names than there is room for', () => {
  async function overflow(): Promise<World> {
    const world = setUp(false)
    await world.get(5000)
    await world.get(1)
    world.change()
    world.faulty.fail(faults.rejects)
    for (let id = 0; id < 60_000; id++) void world.get.invalidate(id)
    await world.get.invalidate(60_000)
    world.faulty.heal()
    world.faulty.sent.length = 0
    return world
  }

  test('become one: the namespace, which is cleared with one command', async () => {
    const { clock, faulty, getElsewhere } = await overflow()
    await pass(clock, 6000)
    expect(faulty.sent).toEqual([
      { command: 'readTags', about: ['p5'] },
      { command: 'invalidateTags', about: ['p5'] },
    ])
    expect(await getElsewhere(1)).toBe('new')
    expect(await getElsewhere(5000)).toBe('new')
  })

  test('none of which is trusted before that', async () => {
    const { get, getElsewhere } = await overflow()
    expect(await getElsewhere(1)).toBe('old')
    expect(await get(1)).toBe('new')
  })
})

describe('a load that began before an invalidation', () => {
  test.each([
    ['after the store was told', 6000],
    ['before the store was told', 600],
  ])('leaves nothing behind when its commit is carried out late, %s', async (_, late) => {
    const { clock, faulty, get, getElsewhere, change } = setUp(true)
    faulty.fail(executesLate(clock, late), ['commit'])
    await timed(clock, get(1))
    faulty.fail(faults.rejects)
    change()
    expect((await timed(clock, get.invalidate(1))).value.remote).toBe('queued')
    await pass(clock, 200)
    faulty.heal()
    await pass(clock, 8000)
    expect(await getElsewhere(1)).toBe('new')
    expect(await get(1)).toBe('new')
  })

  test('does not bring an older set back that was carried out late', async () => {
    const { clock, faulty, get, getElsewhere } = setUp(true)
    faulty.fail(executesLate(clock, 3000), ['put'])
    await timed(clock, get.set('first', 1))
    faulty.heal()
    await pass(clock, 1000)
    expect(await get.set('second', 1)).toEqual({ local: true, remote: 'done' })
    await pass(clock, 4000)
    expect(await getElsewhere(1)).toBe('second')
    expect(await get(1)).toBe('second')
  })
})

describe('a set that is queued', () => {
  const sets: readonly (readonly [
    string,
    (world: World) => { set(value: string): Promise<unknown>; get(): Promise<unknown> },
  ])[] = [
    ['of a function, with a tag', ({ get }) => ({ set: (value) => get.set(value, 1), get: () => get(1) })],
    ['by key', ({ cache }) => ({ set: (value) => cache.set('key', value), get: () => cache.get('key') })],
    [
      'of a namespace',
      ({ cache }) => {
        const part = cache.namespace('part')
        return { set: (value) => part.set('key', value, { tags: ['a'] }), get: () => part.get('key') }
      },
    ],
  ]

  test.each(sets)(
    '%s is served here until the store has been told that the key is void, and no longer',
    async (_, of) => {
      for (const away of [400, 3000]) {
        const world = setUp(true)
        const { set, get } = of(world)
        const loaded = await get()
        world.faulty.fail(faults.rejects)
        expect(await set('set')).toEqual({ local: true, remote: 'queued' })
        await pass(world.clock, away)
        expect(await get()).toBe('set')
        world.faulty.heal()
        await pass(world.clock, 500)
        expect(world.cache.health().stores.at(-1)).toMatchObject({ owed: 0 })
        expect(await get()).toBe(loaded)
      }
    },
  )

  test('leaves what was loaded here since then, and other keys', async () => {
    const { clock, faulty, get, change } = setUp(true)
    faulty.fail(faults.rejects)
    await get.set('set', 1)
    await get(2)
    change()
    expect(await get.refresh(1)).toBe('new')
    faulty.heal()
    await pass(clock, 500)
    expect([await get.peek(1), await get.peek(2)]).toEqual(['new', 'old'])
  })

  test('is stored by the next set, also when the store answers but has not been told', async () => {
    const { clock, faulty, get, getElsewhere } = setUp(true)
    faulty.fail(faults.rejects, ['put', 'invalidate'])
    await get.set('first', 1)
    faulty.heal()
    expect(await get.set('second', 1)).toEqual({ local: true, remote: 'done' })
    await pass(clock, 500)
    expect([await get(1), await getElsewhere(1)]).toEqual(['second', 'second'])
  })

  test('goes with the others where the namespace is cleared because too many names waited', async () => {
    const { clock, faulty, cache, get } = setUp(true)
    faulty.fail(faults.rejects)
    await get.set('set', 1)
    await Promise.all(Array.from({ length: 60_000 }, (_, id) => get.invalidate(id + 2)))
    await get.set('set', 2)
    faulty.heal()
    await pass(clock, 500)
    expect(cache.stats().events.overflow).toBe(1)
    expect([await get(1), await get(2)]).toEqual(['old', 'old'])
  })

  test('is told to the store by close', async () => {
    const { clock, faulty, cache, get, getElsewhere, change } = setUp(true)
    await get(1)
    change()
    faulty.fail(faults.rejects)
    await get.set('set', 1)
    faulty.heal()
    await timed(clock, cache.close())
    expect(cache.health().stores.at(-1)).toMatchObject({ owed: 0 })
    expect(await getElsewhere(1)).toBe('new')
  })
})

test.each([true, false])(
  'a set that only the invalidation got through for is nowhere (local copies: %s)',
  async (local) => {
    const { faulty, cache, get, getElsewhere } = setUp(local)
    faulty.fail(faults.rejects, ['put'])
    expect(await get.set('set', 1)).toEqual({ local: true, remote: 'done' })
    expect(cache.stats()).toMatchObject({ commits: 0, skips: 1 })
    expect([await get(1), await getElsewhere(1)]).toEqual(['old', 'old'])
  },
)

describe.each([true, false])('what is stored nowhere is told as a skip (local copies: %s)', (local) => {
  test('of a set that is queued, once', async () => {
    const { clock, faulty, cache, get } = setUp(local)
    const told: unknown[] = []
    cache.on('skip', ({ key, because }) => told.push([key, because]))
    cache.on('commit', ({ key }) => told.push([key, 'commit']))
    faulty.fail(faults.rejects)
    const keys = Array.from({ length: 20 }, (_, id) => get.key(id))
    for (const id of keys.keys()) await get.set('set', id)
    expect(told).toEqual(keys.map((key) => [key, 'unstored']))
    faulty.heal()
    await pass(clock, 500)
    expect(told).toHaveLength(20)
    expect(cache.stats()).toMatchObject({ commits: 0, skips: 20 })
  })

  test('of a load without the store, unless it is kept here', async () => {
    const { faulty, cache, get } = setUp(local)
    faulty.fail(faults.rejects)
    for (let id = 0; id < 20; id++) await get(id)
    expect(cache.stats()).toMatchObject(local ? { commits: 20, skips: 0 } : { commits: 0, skips: 20 })
  })

  test.each(['rejects', 'hangs'] as const)(
    'of a load whose commit gets no answer, unless it is kept here (it %s)',
    async (fault) => {
      const { clock, faulty, cache, get } = setUp(local)
      faulty.fail(faults[fault], ['commit'])
      await timed(clock, Promise.all([1, 2].map((id) => get(id))))
      await pass(clock, 1000)
      expect(cache.stats()).toMatchObject(local ? { commits: 2, skips: 0 } : { commits: 0, skips: 2 })
    },
  )

  test('and the error of a set that required the store says what holds', async () => {
    const { faulty, cache } = setUp(local)
    faulty.fail(faults.rejects)
    const here = local ? '; until it answers this process alone serves it, and then the key is void' : ''
    await expect(cache.set('key', 1, { require: 'remote' })).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: `require 'remote': reference has not stored the value${here}; set it again when it answers`,
    })
    expect(await cache.get('key')).toBe(local ? 1 : undefined)
  })
})

describe('close', () => {
  test('tells the store what it is owed, whatever the breaker says', async () => {
    const { clock, faulty, cache, get, getElsewhere, change } = setUp(true)
    await get(1)
    change()
    faulty.fail(faults.rejects)
    for (let id = 2; id < 6; id++) await get(id)
    expect(await get.invalidate(1)).toMatchObject({ remote: 'queued' })
    expect(cache.health().stores.at(-1)).toMatchObject({ state: 'down', owed: 1 })
    faulty.heal()
    const untold: unknown[] = []
    cache.on('untold', (event) => void untold.push(event))
    await timed(clock, cache.close())
    expect(untold).toEqual([])
    expect(await getElsewhere(1)).toBe('new')
  })

  test('waits for a connection that is just coming, as long as a command may take', async () => {
    const { clock, faulty, cache, get, getElsewhere, change } = setUp(true)
    await get(1)
    change()
    faulty.fail(faults.rejects)
    expect(await get.invalidate(1)).toMatchObject({ remote: 'queued' })
    const untold: unknown[] = []
    cache.on('untold', (event) => void untold.push(event))
    const closing = cache.close()
    await pass(clock, 200)
    faulty.heal()
    await timed(clock, closing)
    expect(untold).toEqual([])
    expect(await getElsewhere(1)).toBe('new')
  })

  test.each(Object.entries(faults))('says what the store was never told (it %s)', async (_, fault) => {
    const { clock, faulty, cache, get } = setUp(true)
    faulty.fail(fault)
    await timed(clock, Promise.all([get.invalidate(1), get.invalidate(2), cache.invalidateTags(['group'])]))
    const untold: unknown[] = []
    cache.on('untold', (event) => void untold.push(event))
    await timed(clock, cache.close())
    expect(untold).toEqual([{ store: 'reference', names: 3 }])
    expect(cache.health().stores.at(-1)).toMatchObject({ owed: 3 })
  })
})
