import { createReferenceServer, fakeClock, scheduledStore } from '@shelflife/conformance'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { crowds, runOneLoad } from './run-one-load.ts'
import { seed, times } from './seed.ts'

const budget = { read: Infinity, write: Infinity }

test(
  'P2: however many ask for a cold key in three processes, in any order, the loader runs once',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), crowds, async (scheduler, { bus, ...crowd }) => {
        const clock = fakeClock()
        const server = createReferenceServer({ clock })
        const { values, loads } = await runOneLoad(scheduler, {
          clock,
          ...crowd,
          connect: (turn) => scheduledStore(server.connect({ clock, bus, budget }), turn),
        })
        expect(values).toEqual(new Set(['value']))
        expect(loads).toBe(1)
      }),
      { seed, numRuns: 500 * times, endOnFailure: true },
    )
  },
  120_000 * times,
)
