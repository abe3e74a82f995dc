import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'

import type { Group } from './group.ts'
import { multiple } from './group.ts'
import { queryOf } from './query.ts'
import { turns } from './turns.ts'

/** The key builder alone. */
export async function keyGroup(): Promise<Group> {
  const cache = createCache({ namespace: 'bench', store: memoryStore() })
  const wrapped = cache.cached(async (..._args: readonly unknown[]) => 1, { name: 'key' })
  const id = turns((i) => `user-${i}`)
  const query = turns(queryOf)
  const page = turns((i) => i)
  const baseline = 'JSON.stringify of the object'
  return {
    baseline,
    cases: {
      [baseline]: () => JSON.stringify(query()),
      'key of the object': () => wrapped.key(query()),
      'key of one string': () => wrapped.key(id()),
      'key of a string and a number': () => wrapped.key(id(), page()),
    },
    targets: [multiple('key of the object', baseline, 2)],
    close: () => cache.close(),
  }
}
