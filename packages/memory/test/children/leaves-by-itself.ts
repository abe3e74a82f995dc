import { memoryStore } from '@shelflife/memory'

/** A process with nothing left to do but a store that is never closed, and entries that have yet to expire. */
const store = memoryStore()
for (let i = 0; i < 1000; i++) store.set(String(i), { value: { i }, keepUntil: i % 2 === 0 ? 1 : 1e12, tagBytes: 0 })
process.stdout.write(`${store.usage().entries} entries`)
