import { setImmediate as turn } from 'node:timers/promises'

import type { Cache } from '@shelflife/core'

const AT_ONCE = 100

/** Reads keys that nobody has read before, many at a time. */
export async function distinctReads(cache: Cache, keys: number): Promise<void> {
  async function load(id: number): Promise<{ readonly id: number }> {
    // else nothing but this would run while the breaker is open
    await turn()
    return { id }
  }
  const get = cache.cached(load, { name: 'distinct', ttl: '1m' })
  let next = 0
  async function work(): Promise<void> {
    while (next < keys) {
      const id = next++
      const value = await get(id)
      if (value.id !== id) throw new Error(`${id} is ${value.id}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
