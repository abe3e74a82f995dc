import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache } from '@shelflife/core'
import type { CarryOutInput } from './carry-out.ts'
import { carryOut } from './carry-out.ts'
import type { Value } from './report.ts'
import { createStockReader } from './stock-reader.ts'
import type { Stock } from './stock.ts'
import { KEPT, SIZE, stockKey, stockTag, taggedWith, TAGS } from './stock.ts'
import { machineTime } from './time.ts'

export interface CrowdInput extends CarryOutInput {
  readonly cache: Cache
  readonly stock: Stock
  /** Of this process. */
  readonly id: number
}

/** Calls and stalls of a process, each until `isOver`. */
export interface Crowd {
  burst(isOver: () => boolean): Promise<void>
  stall(isOver: () => boolean): Promise<void>
}

type Call = (n: number) => Promise<void>

const [FEWEST, MOST] = [1000, 10_000]
/** How many bursts are of reads alone. */
const READS = 0.5
const [SHORTEST_STALL, LONGEST_STALL] = [100, 3000]
/** How many bursts have a stall in the turn that makes their calls, and how long it is at most. */
const [COMPUTING, LONGEST_COMPUTING] = [0.3, 300]

const never = new Int32Array(new SharedArrayBuffer(4))
/** Keeps the event loop from going on, and leaves the processor to others. */
const block = (ms: number): unknown => Atomics.wait(never, 0, 0, ms)

export function createCrowd({ cache, stock, id, ...input }: CrowdInput): Crowd {
  const { random, notes } = input
  const read = createStockReader({ ...input, stock })
  let sets = 0

  async function set(n: number): Promise<void> {
    const [key, own] = [stockKey(n), `${id}:stock:${++sets}`]
    const value: Value = { key, began: machineTime(), set: own }
    const run = () => stock.set(value, n, 0)
    return carryOut(input, { what: `set ${key}`, keys: [key], run, count: 'sets', set: own })
  }

  async function invalidate(n: number): Promise<void> {
    const key = stockKey(n)
    const run = () => stock.invalidate(n, 0)
    return carryOut(input, { what: `invalidate ${key}`, keys: [key], run, count: 'invalidations of keys' })
  }

  /** Most of the tags are of nothing that is there. */
  async function invalidateTag(n: number): Promise<void> {
    const [tag, isUsed] = [stockTag(n), n < TAGS]
    const run = () => cache.invalidateTags([tag])
    const keys = isUsed ? taggedWith(n) : []
    return carryOut(input, { what: `invalidateTags ${tag}`, keys, run, count: 'invalidations of tags' })
  }

  const turning =
    (call: Call): Call =>
    (n) =>
      call(KEPT + (n % (SIZE - KEPT)))
  const mixed: readonly Call[] = [read, read, read, turning(set), turning(invalidate), invalidateTag]
  const kinds: readonly Call[] = [
    turning(set),
    turning(invalidate),
    invalidateTag,
    async (n) => mixed[random.whole(mixed.length)]?.(n),
  ]

  async function burstOnce(): Promise<void> {
    // mostly smaller ones
    const size = Math.floor(FEWEST + random.next() ** 3 * (MOST - FEWEST))
    const first = random.whole(SIZE)
    const call = random.chance(READS) ? read : (kinds[random.whole(kinds.length)] as Call)
    notes.count('bursts')
    const calls = Array.from({ length: size }, async (_, place) => call((first + place) % SIZE))
    if (random.chance(COMPUTING)) block(random.between(0, LONGEST_COMPUTING))
    await Promise.all(calls)
  }

  return {
    async burst(isOver) {
      while (!isOver()) {
        await burstOnce()
        await sleep(random.between(200, 2000))
      }
    },
    async stall(isOver) {
      while (!isOver()) {
        await sleep(random.between(1000, 6000))
        notes.count('stalls')
        // mostly short ones
        block(SHORTEST_STALL + random.next() ** 2 * (LONGEST_STALL - SHORTEST_STALL))
      }
    },
  }
}
