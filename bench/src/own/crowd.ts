import type { Clock, LocalStore, Store } from '@shelflife/core'
import { createCache, systemClock } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import type { Group } from './group.ts'
import { hitGroup } from './hits.ts'
import { mapRemote } from './map-remote.ts'
import { mapStore } from './map-store.ts'

const ROUNDS = 200

/** Objects of other shapes in the places where the hit looks things up. */
async function exercise(name: string, store: Store | readonly [LocalStore, Store], clock: Clock): Promise<void> {
  const cache = createCache({ namespace: name, store: store as LocalStore, clock })
  const one = cache.cached(async (id: string) => ({ id }), { name: 'one', tags: (id) => [id] })
  const two = cache.cached(async (id: number, query: object) => ({ id, query }), { name: 'two', key: (id) => id })
  const stop = cache.on('hit', () => {})
  for (let i = 0; i < ROUNDS; i++) {
    await one(`id-${i % 16}`)
    await two(i % 16, { i })
    await one.set({ id: 'x' }, `id-${i % 16}`)
    await cache.invalidateTags([`id-${i % 8}`])
    await cache.getOrLoad(i % 16, () => i)
  }
  stop()
  await cache.close()
}

/** The hits once more, after caches with other stores and clocks have been through the same code. */
export async function crowdGroup(): Promise<Group> {
  const clock: Clock = { after: systemClock.after, now: () => performance.now() }
  await exercise('local', mapStore(), clock)
  await exercise('remote', mapRemote(), systemClock)
  await exercise('both', [memoryStore({ clock }), mapRemote()], clock)
  const group = await hitGroup()
  const { cases } = group
  const kept = [group.baseline, 'one string', 'two tags'].map((name) => [name, cases[name] as () => unknown] as const)
  return { ...group, cases: Object.fromEntries(kept) }
}
