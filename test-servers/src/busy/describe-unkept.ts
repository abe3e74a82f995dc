import { setTimeout as sleep } from 'node:timers/promises'
import type { Cache, LoadContext } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { describe, expect, test } from 'vitest'

import type { BusySuite } from './busy-suite.ts'
import { range } from './crowd.ts'

const CACHES = 8
/** Milliseconds. */
const LOAD = 300
/** What a machine that does something else may add; a third load would be as long again. */
const SLACK = 200

class Instance {
  readonly made = true
}

/** What a load comes to. All but the last are returned and not kept. */
const UNKEPT = {
  '`undefined`': () => undefined,
  'an instance of a class': () => new Instance(),
  'what it skips': (context: LoadContext) => {
    context.skip()
    return 'skipped'
  },
} as const

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

export function describeUnkept(suite: BusySuite): void {
  /** Milliseconds that each of the caches took, all asked at once. */
  const all = (caches: readonly { (): Promise<unknown> }[]): Promise<number[]> => Promise.all(caches.map(timed))

  describe(`${CACHES} caches that ask at once for a load of ${LOAD} ms`, () => {
    async function open(result: (context: LoadContext) => unknown) {
      const url = await suite.url(0)
      const namespace = suite.namespace()
      let loads = 0
      const load = async (context: LoadContext): Promise<unknown> => {
        loads++
        await sleep(LOAD)
        return result(context)
      }
      const reads = await Promise.all(
        range(CACHES).map(async () => {
          const cache: Cache = createCache({ namespace, store: suite.stores.open(url) })
          suite.closing(() => cache.close())
          await cache.get('connected')
          return cache.cached(load, { name: 'value', context: true })
        }),
      )
      return { reads: reads.map((read) => () => read()), loads: () => loads }
    }

    /** The slowest of them, with what asking the store and waiting for another process adds to one load. */
    async function oneLoad(): Promise<number> {
      const { reads, loads } = await open(() => null)
      const took = await all(reads)
      expect(loads(), 'loads of `null`, which is kept').toBe(1)
      return Math.max(...took)
    }

    test('of `null` take one load, all of them together', async () => {
      expect(await oneLoad()).toBeLessThan(2 * LOAD + SLACK)
    })

    test.each(Object.entries(UNKEPT))('of %s do not queue up for it', async (_, result) => {
      const control = await oneLoad()
      const { reads } = await open(result)
      const first = Math.max(...(await all(reads)))
      expect(first, 'the slowest, which may wait for one load and run one').toBeLessThan(2 * control + SLACK)
      const second = Math.max(...(await all(reads)))
      expect(second, 'the slowest right afterwards').toBeLessThan(control + SLACK)
    })
  })
}
