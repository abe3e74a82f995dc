import type { RemoteStore } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import type { Inventory } from './inventory.ts'
import { createNotes } from './notes.ts'
import { createStock, stockKey } from './stock.ts'
import { machineTime } from './time.ts'

export interface FillStockInput {
  readonly store: RemoteStore
  /** How many of those that are then left alone. */
  readonly count: number
  readonly inventory: Inventory
}

const PART = 50
/** Of the store that fills. */
export const PATIENT = { budget: { read: 10_000, write: 10_000 } } as const

/** Puts what is then left alone into the remote store, before anybody reads it, and tells the inventory. Gives the full keys. */
export async function fillStock({ store, count, inventory }: FillStockInput): Promise<readonly string[]> {
  const cache = createCache({ namespace: 'soak', store })
  const stock = createStock(cache, createNotes())

  async function fill(n: number): Promise<void> {
    const [key, calledAt] = [stockKey(n), machineTime()]
    const { remote } = await stock.set({ key, began: calledAt }, n, calledAt)
    if (remote !== 'done') throw new Error(`${key} could not be set: ${remote}`)
    inventory.stored(key, { what: 'the first `set`', calledAt, resolvedAt: machineTime() })
  }

  for (let n = 0; n < count; n += PART) {
    await Promise.all(Array.from({ length: Math.min(PART, count - n) }, (_, place) => fill(n + place)))
  }
  await cache.close()
  return Array.from({ length: count }, (_, n) => stock.key(n, 0))
}
