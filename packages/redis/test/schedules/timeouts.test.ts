import { seed, times } from '../../../core/test/schedules/seed.ts'
import type { Step } from '../../../core/test/schedules/world.ts'
import { actorsOf, losses, setups, steps } from '../../../core/test/schedules/world.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { onRedis, runRedisWorld } from './redis-world.ts'

const RUNS = 400 * times

vi.spyOn(Math, 'random').mockReturnValue(0.5)

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(() => void process.off('unhandledRejection', note))

const impatient = onRedis(setups).map((setup) => ({ ...setup, budget: { read: 100, write: 500 } }))

/** Long enough for a read, for a write, for a lease, and for everything that is known of another process. */
const delays: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('advance' as const),
  ms: fc.constantFrom(100, 250, 500, 600, 2000, 3100),
})
const slow = fc.oneof(
  { arbitrary: steps, weight: 5 },
  { arbitrary: delays, weight: 3 },
  { arbitrary: losses, weight: 1 },
)

test(
  'P3, P5: commands that time out and are carried out late bring nothing back, hang nothing and reject nowhere',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        impatient,
        actorsOf(slow, fc.array(fc.array(delays, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 })),
        async (scheduler, setup, actors) => {
          const { violations, timersLeft } = await runRedisWorld(scheduler, setup, actors)
          expect(violations).toEqual([])
          expect(timersLeft).toBe(0)
          expect(unhandled).toEqual([])
        },
      ),
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  },
  120_000 * times,
)
