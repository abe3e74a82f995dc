import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { expect } from 'vitest'

/** Random numbers that come again for the same seed. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  pick<T>(all: readonly T[]): T
  bytes(length: number): Uint8Array
}

/** Seeds that found something once. Every run starts with them. */
const KEPT: readonly number[] = [1]
const NEW = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))

/** `FUZZ_SEED=… vitest run fuzz` repeats a run; its seed is part of every name. */
export const seeds: readonly number[] = [...KEPT, NEW]
/** How many times the usual number of inputs: `FUZZ_TIMES=100` for a night. */
const TIMES = Number(process.env.FUZZ_TIMES ?? 1)

/** xorshift32: quick, and good enough to choose what to break. */
function createChance(seed: number): Chance {
  let state = seed >>> 0 || 1
  function next(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let i = 0; i < 20; i++) next()
  return {
    below: (limit) => next() % limit,
    pick: (all) => all[next() % all.length] as never,
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let i = 0; i < length; i++) bytes[i] = next()
      return bytes
    },
  }
}

const TELLING = [0, 1, 2, 0x20, 0x22, 0x5b, 0x7b, 0x7f, 0x80, 0xc1, 0xd4, 0xdd, 0xdf, 0xfe, 0xff]

function damageOnce(
  bytes: Uint8Array,
  { below, pick, bytes: noise }: Chance,
  others: readonly Uint8Array[],
): Uint8Array {
  const at = below(bytes.length + 1)
  switch (below(8)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return bytes.subarray(at)
    case 2:
      return Uint8Array.of(...bytes.subarray(0, at), ...noise(below(16)), ...bytes.subarray(at))
    case 3:
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + below(16)))
    case 4: {
      const other = pick(others)
      return Uint8Array.of(...bytes.subarray(0, at), ...other.subarray(below(other.length + 1)))
    }
    case 5:
      // all bits at once: what is a length becomes a large one
      return bytes.map((byte, i) => (i >= at && i < at + 4 ? 0xff : byte))
    case 6:
      return bytes.with(Math.min(at, bytes.length - 1), pick(TELLING))
    default:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << below(8)) : byte))
  }
}

/** One of the samples with one to three things broken, sometimes in the middle of other memory; or noise. */
export function damaged(samples: readonly Uint8Array[], chance: Chance): Uint8Array {
  if (chance.below(8) === 0) return chance.bytes(chance.below(200))
  let bytes: Uint8Array = chance.pick(samples).slice()
  for (let i = chance.below(3); i >= 0; i--) if (bytes.length > 0) bytes = damageOnce(bytes, chance, samples)
  if (chance.below(4) > 0) return bytes
  const around = chance.bytes(bytes.length + 7)
  around.set(bytes, 3)
  return around.subarray(3, 3 + bytes.length)
}

const PROTOTYPES: readonly object[] = [Object, Array, Function, Map, Set, Date, Error, String, Promise, Uint8Array].map(
  (made): object => made.prototype,
)

/** Everything that code which runs later might stumble over. */
function surroundings(): string {
  const names = [...PROTOTYPES, globalThis].map((one) => Reflect.ownKeys(one).map(String).join())
  const parents = PROTOTYPES.map((one) => Object.getPrototypeOf(one) === Object.prototype).join()
  return [...names, parents, Object.getPrototypeOf(Object.prototype)].join(';')
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heap(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const MOST_GROWTH = 32 * 2 ** 20
/** More than anything takes on a busy machine, and far from what an input could make a decoder do. */
const SOON = 2000

/** Gives `count` inputs to `one`. Nothing around may change, no input may take long, and no memory may stay behind. */
export async function fuzz(
  { seed, count }: { readonly seed: number; readonly count: number },
  one: (chance: Chance, i: number) => unknown,
): Promise<void> {
  const chance = createChance(seed)
  const before = surroundings()
  const total = count * TIMES
  const warm = Math.floor(total / 10)
  let heapBefore = 0
  for (let i = 0; i < total; i++) {
    if (i === warm) heapBefore = heap()
    const startedAt = performance.now()
    try {
      const work = one(chance, i)
      if (work instanceof Promise) await work
    } catch (error) {
      throw new Error(`input ${i} of seed ${seed}: ${String(error)}`, { cause: error })
    }
    if (performance.now() - startedAt > SOON) throw new Error(`input ${i} of seed ${seed} takes too long`)
    if (i % 1000 === 0 && surroundings() !== before) throw new Error(`input ${i} of seed ${seed} or one before leaks`)
  }
  expect(surroundings()).toBe(before)
  expect(heap() - heapBefore).toBeLessThan(MOST_GROWTH)
}
