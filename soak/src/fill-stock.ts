import { createCache } from '@shelflife/core'
import { ioredisStore } from '@shelflife/ioredis'
import type { Inventory } from './inventory.ts'
import { createNotes } from './notes.ts'
import { createStock, KEPT, stockKey } from './stock.ts'
import { machineTime } from './time.ts'

const PART = 100

/** Puts what is then left alone into the remote store, before anybody calls in crowds, and tells the inventory. */
export async function fillStock(url: string, inventory: Inventory): Promise<void> {
  const patient = { budget: { read: 10_000, write: 10_000 } }
  const cache = createCache({ namespace: 'soak', store: ioredisStore(url, patient) })
  const stock = createStock(cache, createNotes())

  async function fill(n: number): Promise<void> {
    const [key, calledAt] = [stockKey(n), machineTime()]
    const { remote } = await stock.set({ key, began: calledAt }, n, calledAt)
    if (remote !== 'done') throw new Error(`${key} could not be set: ${remote}`)
    inventory.stored(key, { what: 'the first `set`', calledAt, resolvedAt: machineTime() })
  }

  for (let n = 0; n < KEPT; n += PART) {
    await Promise.all(Array.from({ length: PART }, (_, place) => fill(n + place)))
  }
  await cache.close()
}
