import fc from 'fast-check'
import { expect, test } from 'vitest'

import { seed, times } from './seed.ts'
import { actorsOf, losses, lossyActors, runWorld, setups, steps } from './world.ts'

const RUNS = { P1: 1500 * times, P6: 600 * times }

test(
  'P1: in no order of requests and replies is an invalidated value returned',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), setups, actorsOf(steps), async (scheduler, setup, actors) => {
        const { violations, timersLeft } = await runWorld(scheduler, setup, actors)
        expect(violations).toEqual([])
        expect(timersLeft).toBe(0)
      }),
      { seed, numRuns: RUNS.P1, endOnFailure: true },
    )
  },
  120_000 * times,
)

test(
  'P6: lost messages keep no copy alive for longer than maxDrift',
  async () => {
    const twoLevels = setups.map((setup) => ({ ...setup, local: true, bus: true }))
    const lossy = fc.oneof({ arbitrary: steps, weight: 3 }, { arbitrary: losses, weight: 1 })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), twoLevels, actorsOf(lossy, lossyActors), async (scheduler, setup, actors) => {
        const { violations } = await runWorld(scheduler, setup, actors)
        expect(violations).toEqual([])
      }),
      { seed, numRuns: RUNS.P6, endOnFailure: true },
    )
  },
  120_000 * times,
)
