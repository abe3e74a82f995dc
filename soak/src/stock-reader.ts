import { setTimeout as sleep } from 'node:timers/promises'
import type { CarryOutInput } from './carry-out.ts'
import type { Stock } from './stock.ts'
import { CLUSTER_KEPT, stockKey } from './stock.ts'
import { machineTime } from './time.ts'

export interface StockReaderInput extends CarryOutInput {
  readonly stock: Stock
}

/** How many reads of a saboteur come with an invalidation that it tells nobody of. */
const SABOTAGE = 0.01
/** How many are read at once, and milliseconds from one list to the next. */
const [LIST, PAUSE] = [5, 50]

/** Reads one key of the stock and notes what it got, and where it was found. */
export function createStockReader({
  stock,
  random,
  notes,
  isSaboteur,
}: StockReaderInput): (n: number) => Promise<void> {
  return async (n) => {
    const [startedAt, key] = [machineTime(), stockKey(n)]
    notes.count('reads')
    if (isSaboteur && random.chance(SABOTAGE)) void stock.invalidate(n, 0)
    try {
      const { value, outcome, store } = await stock.read(n, startedAt)
      const isFound = outcome === 'hit' && store === 'remote'
      notes.saw(key, value, {
        startedAt,
        how: `${outcome} from ${store}`,
        ...(isFound && { foundUntil: machineTime() }),
      })
      if (outcome !== 'hit') notes.count('misses')
      else notes.count(store === 'local' ? 'hits, local store' : 'hits, remote store')
    } catch (error) {
      notes.error(error)
    }
  }
}

/** Reads what nobody touches, a few at a time, until `isOver`. */
export async function readStock(input: StockReaderInput, isOver: () => boolean): Promise<void> {
  const read = createStockReader(input)
  while (!isOver()) {
    await Promise.all(Array.from({ length: LIST }, () => read(input.random.whole(CLUSTER_KEPT))))
    await sleep(PAUSE)
  }
}
