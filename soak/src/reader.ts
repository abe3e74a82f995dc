import { setTimeout as sleep } from 'node:timers/promises'
import type { Shelf } from './catalogue.ts'
import { isExpected, keyOf, KEYS } from './catalogue.ts'
import type { Notes } from './notes.ts'
import type { Random } from './random.ts'
import { machineTime } from './time.ts'

export interface ReaderInput {
  readonly shelves: readonly Shelf[]
  readonly random: Random
  readonly notes: Notes
}

const [SHORTEST, LONGEST] = [5, 35]
const PEEKS = 0.1
const REFRESHES = 0.002

/** Reads one key after the other until `isOver`. */
export async function read({ shelves, random, notes }: ReaderInput, isOver: () => boolean): Promise<void> {
  async function call({ get }: Shelf, key: string, n: number): Promise<void> {
    const startedAt = machineTime()
    const { value, outcome, store } = await get.read(n)
    notes.saw(key, value, { startedAt, how: `${outcome} from ${store}` })
    if (outcome === 'stale') notes.count('stale hits')
    else if (outcome !== 'hit') notes.count('misses')
    else notes.count(store === 'local' ? 'hits, local store' : 'hits, remote store')
  }

  async function peek({ get }: Shelf, key: string, n: number): Promise<void> {
    const startedAt = machineTime()
    const value = await get.peek(n)
    if (value === undefined) return
    notes.saw(key, value, { startedAt, how: 'peek' })
    notes.count('peeks that found something')
  }

  async function refresh({ get }: Shelf, key: string, n: number): Promise<void> {
    const startedAt = machineTime()
    notes.saw(key, await get.refresh(n), { startedAt, how: 'refresh' })
  }

  while (!isOver()) {
    const shelf = shelves[random.whole(shelves.length)] as Shelf
    const n = random.whole(KEYS)
    const how = random.chance(REFRESHES) ? refresh : random.chance(PEEKS) ? peek : call
    notes.count('reads')
    await how(shelf, keyOf(shelf.name, n), n).catch((error: unknown) => {
      if (!isExpected(error)) notes.error(error)
    })
    await sleep(random.between(SHORTEST, LONGEST))
  }
}
