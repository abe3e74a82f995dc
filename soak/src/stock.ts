import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache, Cached } from '@shelflife/core'
import type { Notes } from './notes.ts'
import type { Value } from './report.ts'
import { machineTime } from './time.ts'

/** Many keys that nothing but an invalidation ends, for crowds. `askedAt` is no part of the key: a load says who asked. */
export type Stock = Cached<[n: number, askedAt: number], Value>

/** The first ones are set once, and then read by everybody and left alone. */
export const [KEPT, SIZE] = [5000, 10_000]
/** Those of the first ones that there are on a Cluster: so few that each is read often. */
export const CLUSTER_KEPT = 150
/** Of those that are not left alone. */
export const TAGS = 50

const NAME = 'stock'
export const stockKey = (n: number): string => `${NAME}(${n})`
export const isStock = (key: string): boolean => key.startsWith(`${NAME}(`)
export const stockTag = (tag: number): string => `${NAME}/${tag}`
export const taggedWith = (tag: number): string[] =>
  Array.from({ length: (SIZE - KEPT) / TAGS }, (_, place) => stockKey(KEPT + tag + place * TAGS))

export function createStock(cache: Cache, notes: Notes): Stock {
  async function load(n: number, askedAt: number): Promise<Value> {
    const [key, began] = [stockKey(n), machineTime()]
    notes.loaded({ key, askedAt, began })
    notes.count('loads')
    await sleep(1)
    return { key, began }
  }

  return cache.cached(load, {
    name: NAME,
    key: (n) => n,
    ttl: '2h',
    tags: (n) => [n < KEPT ? `${NAME}/kept` : stockTag(n % TAGS)],
  })
}
