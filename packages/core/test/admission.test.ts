import { createReferenceServer, fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { expect, test } from 'vitest'

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
