import { AsyncLocalStorage } from 'node:async_hooks'

import { fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { expect, onTestFinished, test } from 'vitest'

const users = new AsyncLocalStorage<string>()

function wrapped() {
  const clock = fakeClock()
  const cache = createCache({ namespace: 'outside', store: memoryStore({ clock }), clock })
  onTestFinished(() => cache.close())
  const seen: (string | undefined)[] = []
  const load = async (id: number): Promise<number> => {
    seen.push(users.getStore())
    await Promise.resolve()
    seen.push(users.getStore())
    return id
  }
  const find = cache.cached(load, { name: 'find', ttl: '10s', staleWhileRevalidate: '1m', jitter: 0 })
  return { clock, find, seen }
}

test('a refresh in the background sees nothing of the async context of the caller that began it', async () => {
  const { clock, find, seen } = wrapped()
  await find(1)
  seen.length = 0
  clock.advance(15_000)
  await users.run('alice', () => find(1))
  await expect.poll(() => seen).toEqual([undefined, undefined])
})

test('a load that a caller waits for runs in the context of this caller', async () => {
  const { find, seen } = wrapped()
  await users.run('alice', () => find(1))
  expect(seen).toEqual(['alice', 'alice'])
})
