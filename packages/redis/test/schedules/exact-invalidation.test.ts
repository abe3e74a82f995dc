import { actorsOf, losses, lossyActors, setups, steps } from '../../../core/test/schedules/world.ts'
import { seed, times } from '../../../core/test/schedules/seed.ts'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { drifting, onRedis, runRedisWorld } from './redis-world.ts'

const RUNS = { P1: 700 * times, P6: 300 * times }

vi.spyOn(Math, 'random').mockReturnValue(0.5)

test(
  'P1: in no order of commands and replies does Redis give an invalidated value back',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), onRedis(setups), actorsOf(steps), async (scheduler, setup, actors) => {
        const { violations, timersLeft } = await runRedisWorld(scheduler, setup, actors)
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
    const twoLevels = onRedis(setups).map((setup) => ({ ...setup, local: true, bus: true }))
    const lossy = fc.oneof({ arbitrary: steps, weight: 3 }, { arbitrary: losses, weight: 1 })
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        twoLevels,
        actorsOf(lossy, fc.oneof(lossyActors, drifting, drifting)),
        async (scheduler, setup, actors) => {
          const { violations } = await runRedisWorld(scheduler, setup, actors)
          expect(violations).toEqual([])
        },
      ),
      { seed, numRuns: RUNS.P6, endOnFailure: true },
    )
  },
  120_000 * times,
)
