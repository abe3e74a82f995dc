import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import type { CacheEvents } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import { faults, faultyStore, pass, settle } from './faulty-store.ts'

/** A heartbeat, and what it takes to clear. */
const RECOVERY = 300

/** One process, another one that writes to the same server, and a source whose value changes. */
function setUp({ local }: { readonly local: boolean }) {
  const clock = fakeClock(100_000)
  const server = createReferenceServer({ clock })
  const faulty = faultyStore(server.connect({ clock }))
  const cache = createCache({
    namespace: 'shop',
    clock,
    store: local ? [memoryStore({ clock }), faulty.store] : faulty.store,
  })
  const other = createCache({ namespace: 'shop', clock, store: server.connect({ clock }) })
  const source = { version: 'old' }
  const options = { name: 'value', tier: 'manual', tags: (id: number) => [`group/${id}`] } as const
  const gaps: CacheEvents['gap'][] = []
  cache.on('gap', (event) => void gaps.push(event))
  return {
    clock,
    server,
    faulty,
    cache,
    source,
    gaps,
    get: cache.cached(async (_id: number) => source.version, options),
    getThere: other.cached(async (_id: number) => source.version, options),
  }
}

describe.each([
  ['local and remote', true],
  ['remote', false],
])('%s', (_, local) => {
  test('what an older state of the store brings back is not served after the next heartbeat', async () => {
    const { clock, server, cache, source, gaps, get } = setUp({ local })
    await get(1)
    await get(2)
    await pass(clock, RECOVERY)
    const goBack = server.snapshot()
    source.version = 'new'
    expect(await get.invalidate(1)).toMatchObject({ remote: 'done' })
    expect(await cache.invalidateTags(['group/2'])).toMatchObject({ remote: 'done' })
    expect([await get(1), await get(2)]).toEqual(['new', 'new'])
    goBack()
    await pass(clock, RECOVERY)
    expect([await get(1), await get(2)]).toEqual(['new', 'new'])
    expect(gaps).toEqual([{ lostWrites: true }])
  })

  test('the same when as many invalidations were sent since by another process', async () => {
    const { clock, server, source, get, getThere } = setUp({ local })
    await get(1)
    await pass(clock, RECOVERY)
    const goBack = server.snapshot()
    source.version = 'new'
    await get.invalidate(1)
    goBack()
    await getThere.invalidate(7)
    await pass(clock, RECOVERY)
    expect([await get(1), await getThere(1)]).toEqual(['new', 'new'])
  })

  test('a store that cannot be cleared yet is not believed, and is cleared when it answers', async () => {
    const { clock, server, faulty, source, get, getThere } = setUp({ local })
    await get(1)
    await pass(clock, RECOVERY)
    const goBack = server.snapshot()
    source.version = 'new'
    await get.invalidate(1)
    goBack()
    faulty.fail(faults.rejects, ['invalidateTags'])
    await pass(clock, RECOVERY)
    expect(await get(1)).toBe('new')
    faulty.heal()
    await pass(clock, 6000)
    expect([await get(1), await getThere(1)]).toEqual(['new', 'new'])
  })

  test('a load that was running then is not stored', async () => {
    const { clock, server, cache, gaps } = setUp({ local })
    await pass(clock, RECOVERY)
    const goBack = server.snapshot()
    await cache.invalidate('anything')
    let end = (_value: string): void => {}
    const load = cache.getOrLoad('key', () => new Promise<string>((resolve) => void (end = resolve)))
    await settle()
    goBack()
    await pass(clock, RECOVERY)
    expect(gaps).toHaveLength(1)
    end('old')
    expect(await load).toBe('old')
    expect(await cache.getOrLoad('key', () => 'new')).toBe('new')
  })

  test('what other namespaces hold is left alone', async () => {
    const { clock, server, get } = setUp({ local })
    const elsewhere = createCache({ namespace: 'blog', clock, store: server.connect({ clock, bus: false }) })
    await elsewhere.set('key', 1, { tier: 'manual' })
    await pass(clock, RECOVERY)
    const goBack = server.snapshot()
    await get.invalidate(1)
    goBack()
    await pass(clock, RECOVERY)
    expect(await elsewhere.get('key')).toBe(1)
  })
})

test('the logger is told', async () => {
  const clock = fakeClock(100_000)
  const server = createReferenceServer({ clock })
  const lines: unknown[] = []
  const logger = { warn: (details: object, message: string) => void lines.push([message, details]), error() {} }
  const cache = createCache({ namespace: 'shop', clock, store: server.connect({ clock }), logger })
  const goBack = server.snapshot()
  await cache.invalidate('key')
  goBack()
  await pass(clock, RECOVERY)
  expect(lines).toContainEqual(['shelflife: gap', { lostWrites: true }])
})
