import { seed, times } from '../../../core/test/schedules/seed.ts'
import { fakeClock } from '@shelflife/conformance'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { redisStore } from '@shelflife/redis'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { SOURCES } from '../scripts.ts'
import { simulatedClient } from '../simulated/client.ts'
import { simulatedServer } from '../simulated/server.ts'
import { servers } from './redis-world.ts'

vi.spyOn(Math, 'random').mockReturnValue(0.5)

const RUNS = 300 * times
const ENDLESS = { read: Infinity, write: Infinity }

const setups = fc.record({
  server: servers,
  local: fc.boolean(),
  bus: fc.boolean(),
  callers: fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 12 }),
})

test(
  'P2: however many ask Redis for a cold key in three processes, in any order, the loader runs once',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), setups, async (scheduler, { server, local, bus, callers }) => {
        const { topology, knowsScripts, repeats } = server
        const clock = fakeClock(10_000)
        const redis = simulatedServer({ clock, topology, scripts: knowsScripts ? SOURCES : [] })
        const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
        let loads = 0
        const processes = [0, 1, 2].map(() => {
          const store = redisStore(simulatedClient(redis, { turn, bus, ...(repeats && { repeats }) }), { clock })
          const remote = { ...store, budget: ENDLESS }
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
        // a wake-up that came before somebody began to wait is made up for by asking again
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
      { seed, numRuns: RUNS, endOnFailure: true },
    )
  },
  120_000 * times,
)
