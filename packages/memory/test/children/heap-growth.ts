import type { LocalStore } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

/** Prints, for each kind of value, what the store estimates and what the heap grew by. Needs `--expose-gc`. */

// built from bytes: repeat() and + give ropes, which cost something else until they are read
const text = (length: number, seed: number): string =>
  Buffer.from(String(seed).padStart(length, 'text'), 'latin1').toString('latin1')
const wide = (length: number, seed: number): string =>
  Buffer.from(String(seed).padStart(length, '日本'), 'utf16le').toString('utf16le')

const product = (seed: number): unknown => ({
  id: seed,
  name: text(30, seed),
  price: seed * 1.01,
  tags: [text(8, seed), text(9, seed)],
  stock: { berlin: seed, paris: seed + 1, updated: new Date(seed) },
})

const numbered = (count: number, step: (i: number) => number, seed: number): unknown =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i * step(i), seed + i]))

const KINDS: Readonly<Record<string, readonly [count: number, make: (seed: number) => unknown]>> = {
  'small numbers': [50_000, (seed) => seed],
  'short strings': [50_000, (seed) => text(20, seed)],
  'long strings': [2000, (seed) => text(10_000, seed)],
  'wide strings': [2000, (seed) => wide(5000, seed)],
  'arrays of integers': [5000, (seed) => Array.from({ length: 200 }, (_, i) => i + seed)],
  'arrays of fractions': [5000, (seed) => Array.from({ length: 200 }, (_, i) => (i + seed) / 7)],
  'frozen arrays of fractions': [5000, (seed) => Object.freeze(Array.from({ length: 200 }, (_, i) => (i + seed) / 7))],
  'nested objects': [20_000, product],
  'rows that share an object': [
    100,
    (seed) => {
      const shared = [product(seed), text(5000, seed)]
      return Array.from({ length: 1000 }, (_, i) => ({ id: i, shared }))
    },
  ],
  'lists of text, one of it long': [
    100,
    (seed) => Array.from({ length: 200 }, (_, i) => text(i === 77 ? 100_000 : 20, seed * 200 + i)),
  ],
  'arrays of objects': [500, (seed) => Array.from({ length: 100 }, (_, i) => product(seed * 100 + i))],
  'more objects than are visited': [3, (seed) => Array.from({ length: 30_000 }, (_, i) => product(seed * 1e5 + i))],
  'objects as dictionaries': [
    2000,
    (seed) => Object.fromEntries(Array.from({ length: 50 }, (_, i) => [text(12, seed * 50 + i), i])),
  ],
  'objects by numbers that are close': [2000, (seed) => numbered(200, () => 3, seed)],
  'objects by numbers that are far apart': [2000, (seed) => numbered(200, () => 40, seed)],
  'objects by numbers with seven digits': [2000, (seed) => numbered(50, (i) => 100_000 + i, seed)],
  'objects by one number': [20_000, (seed) => ({ [seed]: seed })],
  'rows by their ids': [
    1000,
    (seed) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [seed + i * 13, { id: i, name: text(9, seed) }])),
  ],
  'rows of many columns': [
    5000,
    (seed) => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`column${i}`, seed + i])),
  ],
  maps: [2000, (seed) => new Map(Array.from({ length: 100 }, (_, i) => [text(12, seed * 100 + i), i]))],
  sets: [2000, (seed) => new Set(Array.from({ length: 100 }, (_, i) => text(12, seed * 100 + i)))],
  dates: [20_000, (seed) => [new Date(seed), new Date(seed + 1)]],
  bigints: [20_000, (seed) => [BigInt(seed) ** 3n, BigInt(seed) ** 2n]],
  buffers: [5000, (seed) => Buffer.alloc(4096, seed)],
  'small buffers': [20_000, (seed) => Buffer.from(text(40, seed))],
  'typed arrays': [5000, (seed) => new Float64Array(500).fill(seed)],
  'parts of large buffers': [50, (seed) => Buffer.alloc(2 ** 20, seed).subarray(0, 100)],
  'bigints of 200 bits': [2000, (seed) => Array.from({ length: 100 }, (_, i) => BigInt(seed + i) << 180n)],
  'bigints of 80,000 bits': [500, (seed) => BigInt(seed + 1) << 80_000n],
}

async function used(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => void setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Apart, so that no variable keeps the last value alive. */
function fill(store: LocalStore, kind: string, count: number, make: (seed: number) => unknown): void {
  for (let i = 0; i < count; i++) {
    store.set(`shop/${kind}(${i})`, { value: make(i), keepUntil: Infinity, tagBytes: 0 })
  }
}

const grown: Record<string, { readonly estimated: number; readonly real: number }> = {}
for (const [kind, [count, make]] of Object.entries(KINDS)) {
  const store = memoryStore({ maxEntries: 2 * count, maxBytes: 2 ** 40 })
  const before = await used()
  fill(store, kind, count, make)
  const real = (await used()) - before
  grown[kind] = { estimated: store.usage().bytes, real }
  store.close()
}
process.stdout.write(JSON.stringify(grown))
