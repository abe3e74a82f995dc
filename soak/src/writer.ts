import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache, Invalidation } from '@shelflife/core'
import type { CarryOutInput, Command } from './carry-out.ts'
import { carryOut } from './carry-out.ts'
import type { Shelf } from './catalogue.ts'
import { allKeys, BUSY, groupOf, GROUPS, KEYS, keyOf, LATE_TAG, REGION } from './catalogue.ts'
import type { ReaderInput } from './reader.ts'
import type { Value } from './report.ts'
import { machineTime } from './time.ts'

export interface WriterInput extends ReaderInput, CarryOutInput {
  readonly cache: Cache
  /** Whether what is there to be left alone is spared, as by a `clear` of everything. */
  readonly isKept: boolean
  /** Of this process. */
  readonly id: number
}

const [SHORTEST, LONGEST] = [20, 180]

/** Invalidates one thing after the other until `isOver`. */
export async function write(input: WriterInput, isOver: () => boolean): Promise<void> {
  const { cache, shelves, random, notes, isKept, id } = input
  let sets = 0

  const shelfOf = (): Shelf => shelves[random.whole(shelves.length)] as Shelf
  const spaceOf = ({ name }: Shelf): Cache => (name === 'region' ? cache.namespace(REGION) : cache)

  function invalidateKey({ name, get }: Shelf, n: number): Command {
    const what = `invalidate ${keyOf(name, n)}`
    return { what, keys: [keyOf(name, n)], run: () => get.invalidate(n), count: 'invalidations of keys' }
  }

  function setKey({ name, get }: Shelf, n: number): Command {
    const key = keyOf(name, n)
    const set = `${id}:${++sets}`
    const value: Value = { key, began: machineTime(), set }
    return { what: `set ${key}`, keys: [key], run: () => get.set(value, n), count: 'sets', set }
  }

  function invalidateTags(shelf: Shelf, tag: string, keys: readonly string[], onlyLoaded = false): Command {
    const run = (): Promise<Invalidation> => spaceOf(shelf).invalidateTags([tag])
    return { what: `invalidateTags ${tag}`, keys, run, count: 'invalidations of tags', onlyLoaded }
  }

  function invalidateGroup(shelf: Shelf): Command {
    const group = groupOf(shelf.name, random.whole(GROUPS))
    const inGroup = Array.from({ length: KEYS }, (_, n) => n).filter((n) => groupOf(shelf.name, n) === group)
    return invalidateTags(
      shelf,
      group,
      inGroup.map((n) => keyOf(shelf.name, n)),
    )
  }

  function clear(isRegion: boolean): Command {
    const cleared = isRegion ? shelves.filter(({ name }) => name === 'region') : shelves
    const keys = cleared.flatMap(({ name }) => allKeys(name))
    const run = (): Promise<Invalidation> => (isRegion ? cache.namespace(REGION) : cache).clear()
    return { what: isRegion ? 'clear the region' : 'clear', keys, run, count: 'clears' }
  }

  function next(): Command | undefined {
    const shelf = shelfOf()
    const n = random.chance(0.75) ? random.whole(BUSY) : random.whole(KEYS)
    const dice = random.next()
    if (dice < 0.55) return invalidateKey(shelf, n)
    if (dice < 0.75) return setKey(shelf, n)
    if (dice < 0.85) return invalidateGroup(shelf)
    if (dice < 0.87) return invalidateTags(shelf, shelf.name, allKeys(shelf.name))
    if (dice < 0.9) {
      const late = shelves.find(({ hasLateTag }) => hasLateTag) ?? shelf
      return invalidateTags(late, LATE_TAG, allKeys(late.name), true)
    }
    if (dice < 0.92) return clear(isKept || random.chance(0.7))
    notes.count('expires')
    // is no promise of this check, and must not break one
    void shelf.get.expire(n)
    return undefined
  }

  while (!isOver()) {
    const command = next()
    if (command !== undefined) await carryOut(input, command)
    await sleep(random.between(SHORTEST, LONGEST))
  }
}
