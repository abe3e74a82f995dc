import { flatCopy } from './flat-copy.ts'
import type { MemoBudget } from './memo-budget.ts'
import { bytesOf } from './memo-budget.ts'

/** Keys by the one argument that they were built from: looking one up beats encoding it. */
export interface KnownKeys {
  readonly keys: ReadonlyMap<unknown, string>
  add(arg: unknown, key: string): void
}

/** A place in a Map, and what it is before that is full. */
const PLACE = 60

export function createKnownKeys(budget: MemoBudget): KnownKeys {
  const keys = new Map<unknown, string>()
  // of itself alone, since a budget outlives wrappers
  const memo = { bytes: 0, clear: () => keys.clear() }
  return {
    keys,
    add(arg, key) {
      keys.set(typeof arg === 'string' ? flatCopy(arg) : arg, key)
      budget.grew(memo, PLACE + bytesOf(arg) + bytesOf(key))
    },
  }
}
