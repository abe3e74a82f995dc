import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { pass } from './faulty-store.ts'

const OPTIONS = { ttl: '1h', staleWhileRevalidate: 0, staleIfError: 0 } as const

/** A process whose messages can be held up, and another one that reads and writes in the store alone. */
async function setUp({ bus = true } = {}) {
  const clock = fakeClock(10_000)
  const server = createReferenceServer({ clock })
  const held: (() => void)[] = []
  let isHeld = false
  const deliver = (run: () => void): void => (isHeld ? void held.push(run) : queueMicrotask(run))
  const here = createCache({
    namespace: 'nested',
    clock,
    store: [memoryStore({ clock }), server.connect({ clock, deliver, bus })],
  })
  const there = createCache({ namespace: 'nested', clock, store: server.connect({ clock }) })
  const source = { version: 'old', reads: 0 }
  const load = async (_id: number): Promise<string> => {
    source.reads++
    return source.version
  }
  const wrapped = { ...OPTIONS, tags: (id: number) => [`item/${id}`] }
  const item = here.cached(load, { name: 'item', ...wrapped })
  const itemThere = there.cached(load, { name: 'item', ...wrapped })
  const page = here.cached(async (id: number) => `page of ${await item(id)}`, { name: 'page', ...wrapped })
  const pageThere = there.cached(async (_id: number) => `page of ${source.version}`, { name: 'page', ...wrapped })
  await item(1)
  await pass(clock, 300)
  return {
    clock,
    server,
    source,
    item,
    page,
    itemThere,
    pageThere,
    hold: () => void (isHeld = true),
    letGo() {
      isHeld = false
      for (const run of held.splice(0)) run()
    },
  }
}

describe.each([true, false])('what is made of a cached value (bus: %s)', (bus) => {
  test('has nothing that was invalidated before its load began, although no message has come', async () => {
    const { source, hold, item, page, itemThere, pageThere } = await setUp({ bus })
    hold()
    source.version = 'new'
    expect((await itemThere.invalidate(1)).remote).toBe('done')
    // as `maxDrift` allows
    expect(await item(1)).toBe('old')
    expect(await page(1)).toBe('page of new')
    expect(await pageThere(1)).toBe('page of new')
  })

  test('is made of copies where the store vouches for them, which costs no load', async () => {
    const { source, page, item } = await setUp({ bus })
    expect(await page(1)).toBe('page of old')
    expect(await item(1)).toBe('old')
    expect(source.reads).toBe(1)
  })
})

test('within a load a copy is asked for once', async () => {
  const clock = fakeClock(10_000)
  const server = createReferenceServer({ clock })
  const cache = createCache({ namespace: 'nested', clock, store: [memoryStore({ clock }), server.connect({ clock })] })
  const item = cache.cached(async (id: number) => id, { name: 'item', ...OPTIONS })
  await item(1)
  await pass(clock, 300)
  clock.advance(10)
  const before = server.commands.get('read') ?? 0
  const sum = cache.cached(async () => (await item(1)) + (await item(1)) + (await item(1)), { name: 'sum', ...OPTIONS })
  expect(await sum()).toBe(3)
  // one of the sum, one of the item
  expect(server.commands.get('read')).toBe(before + 2)
})
