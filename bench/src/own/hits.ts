import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { LRUCache } from 'lru-cache'

import type { Group } from './group.ts'
import { queryOf } from '../measure/query.ts'
import { TURNS, turns } from '../measure/turns.ts'

const idOf = (i: number): string => `user-${i}`
const load = async (id: unknown): Promise<unknown> => ({ id })
const MANY = 8192
/** Local hits through `cached()` next to what else one could await. */
export async function hitGroup(): Promise<Group> {
  const cache = createCache({ namespace: 'bench', store: memoryStore() })
  // a cache of its own: here the invalidations never stop
  const busy = createCache({ namespace: 'busy', store: memoryStore() })
  const tagsOf = (id: string): readonly string[] => [`user:${id}`, 'users']

  const byText = cache.cached(async (id: string) => load(id), { name: 'text', tier: 'static' })
  const byNumber = cache.cached(async (id: number) => load(id), { name: 'number', tier: 'static' })
  const byQuery = cache.cached(async (query: ReturnType<typeof queryOf>) => load(query), {
    name: 'query',
    tier: 'static',
  })
  const tagged = cache.cached(async (id: string) => load(id), { name: 'tagged', tier: 'static', tags: tagsOf })
  const disturbed = busy.cached(async (id: string) => load(id), { name: 'tagged', tier: 'static', tags: tagsOf })
  const byMany = cache.cached(async (id: string) => load(id), { name: 'many', tier: 'static' })

  const map = new Map<string, unknown>()
  const manyInMap = new Map<string, unknown>()
  const lru = new LRUCache<string, {}>({ max: 50_000 })
  const fromMap = async (id: string): Promise<unknown> => map.get(id)
  const fromManyInMap = async (id: string): Promise<unknown> => manyInMap.get(id)
  const fromLru = async (id: string): Promise<unknown> => lru.get(id)

  for (let i = 0; i < MANY; i++) {
    const id = idOf(i)
    manyInMap.set(id, { id })
    await byMany(id)
    if (i >= TURNS) continue
    map.set(id, { id })
    lru.set(id, { id })
    await Promise.all([byText(id), byNumber(i), byQuery(queryOf(i)), tagged(id), disturbed(id)])
  }

  const id = turns(idOf)
  const number = turns((i) => i)
  const query = turns(queryOf)
  const manyIds = turns(idOf, MANY)
  let reads = 0

  // so often that every read finds an entry that has not been compared with the newest invalidation
  function disturbedRead(): Promise<unknown> {
    if (reads++ % TURNS === 0) void busy.invalidateTags(['orders'])
    return disturbed(id())
  }

  return {
    baseline: 'await Map.get',
    cases: {
      'await Map.get': () => fromMap(id()),
      'await lru-cache get': () => fromLru(id()),
      'one string': () => byText(id()),
      'one number': () => byNumber(number()),
      'two tags': () => tagged(id()),
      'two tags, others invalidated': disturbedRead,
      'one object': () => byQuery(query()),
      'JSON.stringify of the object': () => JSON.stringify(query()),
      'one string, always the same': () => byText('user-7'),
      'await Map.get, 8192 keys': () => fromManyInMap(manyIds()),
      'one string, 8192 keys': () => byMany(manyIds()),
    },
    async close() {
      await Promise.all([cache.close(), busy.close()])
    },
  }
}
