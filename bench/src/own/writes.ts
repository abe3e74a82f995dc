import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { LRUCache } from 'lru-cache'

import type { Group } from './group.ts'
import { turns } from '../measure/turns.ts'

const load = async (id: number): Promise<{ readonly id: number }> => ({ id })

/** Writing, and reading what is not there. Every miss has a new key, so a full store makes room each time. */
export async function writeGroup(): Promise<Group> {
  const cache = createCache({ namespace: 'bench', store: memoryStore({ maxEntries: 1000 }) })
  const cached = cache.cached(load, { name: 'miss', tier: 'static' })
  const tagged = cache.cached(load, { name: 'tagged', tier: 'static', tags: (id) => [`user:${id}`, 'users'] })
  const written = cache.cached(load, { name: 'set', tier: 'static' })
  const map = new Map<number, { readonly id: number }>()
  const lru = new LRUCache<number, { readonly id: number }>({ max: 1000 })

  for (let i = 0; i < 128; i++) map.set(i, { id: i })
  const fromMap = async (id: number): Promise<unknown> => map.get(id)
  const intoLru = async (id: number): Promise<unknown> => lru.set(id, { id })
  const throughLru = async (id: number): Promise<unknown> => {
    const found = lru.get(id)
    if (found !== undefined) return found
    const value = await load(id)
    lru.set(id, value)
    return value
  }
  const some = turns((i) => i)
  const baseline = 'await Map.get'
  let fresh = 0

  return {
    baseline,
    cases: {
      [baseline]: () => fromMap(some()),
      'await lru-cache set': () => intoLru(some()),
      set: () => written.set({ id: 1 }, some()),
      'miss, lru-cache by hand': () => throughLru(fresh++),
      miss: () => cached(fresh++),
      'miss, two tags': () => tagged(fresh++),
    },
    close: () => cache.close(),
  }
}
