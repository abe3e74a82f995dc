import { seed, times } from '../../../core/test/schedules/seed.ts'
import { actorsOf, losses, setups, steps } from '../../../core/test/schedules/world.ts'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { drifting, evictions, onRedis, runRedisWorld } from './redis-world.ts'

const RUNS = 400 * times

vi.spyOn(Math, 'random').mockReturnValue(0.5)

const forgetful = fc.oneof(
  { arbitrary: steps, weight: 4 },
  { arbitrary: evictions, weight: 2 },
  { arbitrary: losses, weight: 1 },
)

test(
  'P1, P6: a server that forgets ids of tags, fences or the log at any time brings nothing back',
  async () => {
    const evicting = fc.array(fc.array(evictions, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 })
    const others = fc.tuple(evicting, fc.oneof(fc.constant([]), drifting, drifting)).map((actors) => actors.flat())
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        onRedis(setups),
        actorsOf(forgetful, others),
        async (scheduler, setup, actors) => {
          const { violations, timersLeft } = await runRedisWorld(scheduler, setup, actors)
          expect(violations).toEqual([])
          expect(timersLeft).toBe(0)
        },
      ),
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  },
  120_000 * times,
)
