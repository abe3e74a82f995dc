import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { Cache, Cached, RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

/** How often something else happens during a round trip. */
const ROUND_TRIP = 5

/** What takes a round trip. */
const COMMANDS = [
  'read',
  'readTags',
  'open',
  'capture',
  'commit',
  'put',
  'release',
  'settled',
  'invalidate',
  'expire',
] as const

interface FarAway {
  readonly store: RemoteStore
  /** Answers what was sent so many of them before. */
  step(): Promise<void>
}

/** A store that is as far away as it likes: it answers when it is told to. */
function farAway(store: RemoteStore): FarAway {
  const sent: (() => void)[][] = [[]]
  const far = Object.fromEntries(
    COMMANDS.map((command) => [
      command,
      async (...args: readonly unknown[]): Promise<unknown> => {
        await new Promise<void>((resolve) => void sent[0]?.push(resolve))
        return Reflect.apply(store[command], store, args) as unknown
      },
    ]),
  )
  return {
    store: { ...store, ...far },
    async step() {
      sent.unshift([])
      for (const answer of sent[ROUND_TRIP] ?? []) answer()
      sent.length = Math.min(sent.length, ROUND_TRIP)
      await new Promise(setImmediate)
    },
  }
}

describe.each(['remote', 'local and remote'])('one key, %s', (stores) => {
  function setUp(): FarAway & { readonly cache: Cache; readonly getValue: Cached<[], number> } {
    const clock = fakeClock()
    const far = farAway(createReferenceServer({ clock }).connect({ clock }))
    const store = stores === 'remote' ? far.store : ([memoryStore({ clock }), far.store] as const)
    const cache = createCache({ namespace: 'one', store, clock, logger: { warn() {}, error() {} } })
    return { ...far, cache, getValue: cache.cached(async () => 1, { name: 'value' }) }
  }

  /** In how many steps everything has an answer. */
  async function stepsOf(calls: readonly Promise<unknown>[], step: () => Promise<void>): Promise<number> {
    let isOver = false
    void Promise.all(calls).then(() => {
      isOver = true
    })
    let count = 0
    while (!isOver && count < 10_000) {
      await step()
      count++
    }
    return count
  }

  test.each(['invalidate', 'expire'] as const)('many set and %s in turn take no longer than a few', async (command) => {
    const { getValue, step } = setUp()
    const inTurn = (count: number): Promise<unknown>[] =>
      Array.from({ length: count }, (_, i) => (i % 2 === 0 ? getValue[command]() : getValue.set(i)))
    const few = await stepsOf(inTurn(4), step)
    expect(await stepsOf(inTurn(1000), step)).toBeLessThanOrEqual(few + 2 * ROUND_TRIP)
    // the last one wins
    const found = getValue.peek()
    await stepsOf([found], step)
    expect(await found).toBe(999)
  })

  test('what a set has replaced is gone when it is done, also while another one is under way', async () => {
    const { getValue, step } = setUp()
    await stepsOf([getValue()], step)
    const first = getValue.set(2)
    await step()
    const second = getValue.set(3)
    await stepsOf([first], step)
    const found = [getValue.peek(), getValue()]
    await stepsOf([...found, second], step)
    expect(await Promise.all(found)).not.toContain(1)
    const last = getValue.peek()
    await stepsOf([last], step)
    expect(await last).toBe(3)
  })

  interface Course<T> {
    readonly value: Cached<[], T>
    readonly step: () => Promise<void>
    /** Of so many calls one is an invalidation. */
    readonly every: number
  }

  /** Reads and invalidates at random, and waits for what is read. Answers how often it read. */
  async function run<T>(
    { value, step, every }: Course<T>,
    arrived: (value: T, steps: number) => void,
  ): Promise<number> {
    let reads = 0
    let now = 0
    let dice = 7
    function read(): void {
      const since = now
      reads++
      void value().then((found) => arrived(found, now - since))
    }
    for (; now < 2000; now++) {
      dice = (dice * 16_807) % 2_147_483_647
      if (now < 1000) void (dice % every === 0 ? value.invalidate() : read())
      await step()
    }
    return reads
  }

  test('a read does not wait for all the others that were invalidated before it', async () => {
    const { getValue, step } = setUp()
    const took: number[] = []
    const reads = await run({ value: getValue, step, every: 2 }, (_, steps) => void took.push(steps))
    expect(took).toHaveLength(reads)
    expect(Math.max(...took)).toBeLessThan(20 * ROUND_TRIP)
  })

  test.each([2, 8, 30])('what one caller changes nobody else sees, one of %i invalidated', async (every) => {
    const { cache, step } = setUp()
    const value = cache.cached(async () => ({ isChanged: false }), { name: 'object' })
    const changed: boolean[] = []
    const reads = await run({ value, step, every }, (object) => {
      changed.push(object.isChanged)
      Reflect.set(object, 'isChanged', true)
    })
    expect(changed).toEqual(Array.from({ length: reads }, () => false))
  })

  test('what can be read but once is each caller’s own', async () => {
    const { cache, step } = setUp()
    const value = cache.cached(async () => [1].values(), { name: 'iterator' })
    const iterators = new Set<unknown>()
    const reads = await run({ value, step, every: 2 }, (iterator) => void iterators.add(iterator))
    expect(iterators.size).toBe(reads)
  })
})
