import { crowds, runOneLoad } from '../../../core/test/schedules/run-one-load.ts'
import { seed, times } from '../../../core/test/schedules/seed.ts'
import { fakeClock } from '@shelflife/conformance'
import { redisStore } from '@shelflife/redis'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { SOURCES } from '../scripts.ts'
import { simulatedClient } from '../simulated/client.ts'
import { simulatedServer } from '../simulated/server.ts'
import { servers } from './redis-world.ts'

vi.spyOn(Math, 'random').mockReturnValue(0.5)

const RUNS = 300 * times
const budget = { read: Infinity, write: Infinity }

test(
  'P2: however many ask Redis for a cold key in three processes, in any order, the loader runs once',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), crowds, servers, async (scheduler, { bus, ...crowd }, server) => {
        const { topology, knowsScripts, repeats } = server
        const clock = fakeClock(10_000)
        const redis = simulatedServer({ clock, topology, scripts: knowsScripts ? SOURCES : [] })
        const { values, loads } = await runOneLoad(scheduler, {
          clock,
          ...crowd,
          connect(turn) {
            const client = simulatedClient(redis, { turn, bus, ...(repeats && { repeats }) })
            return { ...redisStore(client, { clock }), budget }
          },
        })
        expect(values).toEqual(new Set(['value']))
        expect(loads).toBe(1)
      }),
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  },
  120_000 * times,
)
