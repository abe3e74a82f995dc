import { createReferenceServer, fakeClock, scheduledStore } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { seed, times } from './seed.ts'

const setups = fc.record({
  local: fc.boolean(),
  bus: fc.boolean(),
  callers: fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 12 }),
})

test(
  'P2: however many ask for a cold key in three processes, in any order, the loader runs once',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), setups, async (scheduler, { local, bus, callers }) => {
        const clock = fakeClock()
        const server = createReferenceServer({ clock })
        const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
        let loads = 0
        const processes = [0, 1, 2].map(() => {
          const remote = scheduledStore(
            server.connect({ clock, bus, budget: { read: Infinity, write: Infinity } }),
            turn,
          )
          const cache = createCache({
            namespace: 'one',
            store: local ? [memoryStore({ clock }), remote] : remote,
            clock,
          })
          return cache.cached(
            async () => {
              loads++
              await turn('load')
              return 'value'
            },
            { name: 'key' },
          )
        })
        const reads = callers.map(async (process) => {
          await turn('call')
          return processes[process]?.()
        })
        const results = Promise.all(reads)
        // a wake-up that came before somebody began to wait is made up for by the end of the lease
        let isDone = false
        void results.finally(() => {
          isDone = true
        })
        while (!isDone) {
          await scheduler.waitIdle()
          await new Promise(setImmediate)
          if (!isDone && scheduler.count() === 0) clock.advance(100)
        }
        expect(new Set(await results)).toEqual(new Set(['value']))
        expect(loads).toBe(1)
      }),
      { seed, numRuns: 500 * times, endOnFailure: true },
    )
  },
  120_000 * times,
)
