import { seed, times } from '../../../core/test/schedules/seed.ts'
import { fakeClock } from '@shelflife/conformance'
import type { Cache, Cached } from '@shelflife/core'
import { createCache } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import { redisStore } from '@shelflife/redis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SOURCES } from '../scripts.ts'
import { simulatedClient } from '../simulated/client.ts'
import { simulatedServer } from '../simulated/server.ts'
import { servers } from './redis-world.ts'

const RUNS = 200 * times
const KEYS = [0, 1, 2]
const ENDLESS = { read: '1h', write: '1h' } as const

interface Process {
  readonly cache: Cache
  readonly read: Cached<[key: number], number>
}

const processes = fc.nat({ max: 1 })
const writes = (least: number) =>
  fc.array(
    fc.record({
      process: processes,
      type: fc.constantFrom('invalidate' as const, 'tag' as const),
      key: fc.constantFrom(...KEYS),
    }),
    { minLength: least, maxLength: 3 },
  )
const reads = fc.array(fc.record({ process: processes, key: fc.constantFrom(...KEYS) }), { maxLength: 3 })

test('P1: what the server has forgotten is not served after the next heartbeat, in any order', async () => {
  const histories = fc.record({
    locals: fc.tuple(fc.boolean(), fc.boolean()),
    forgotten: writes(1),
    asksBefore: fc.boolean(),
    since: writes(0),
    readsSince: reads,
  })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), servers, histories, async (scheduler, setup, history) => {
      const clock = fakeClock(10_000)
      const { topology, knowsScripts, repeats } = setup
      const server = simulatedServer({ clock, topology, scripts: knowsScripts ? SOURCES : [] })
      const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
      let version = 0

      function start(local: boolean): Process {
        const client = simulatedClient(server, { turn, ...(repeats && { repeats }) })
        const remote = redisStore(client, { clock, budget: ENDLESS })
        const store = local ? ([memoryStore({ clock }), remote] as const) : remote
        const cache = createCache({ namespace: 'world', store, clock, hardTimeout: '1d' })
        const options = { name: 'value', tier: 'manual', tags: (key: number) => [`group/${key}`] } as const
        return { cache, read: cache.cached(async (_key: number) => version, options) }
      }

      /** Lets time pass when nothing else can happen. */
      async function until(work: Promise<unknown>): Promise<void> {
        let isDone = false
        void work.finally(() => {
          isDone = true
        })
        while (!isDone) {
          await scheduler.waitIdle()
          await new Promise(setImmediate)
          if (!isDone && scheduler.count() === 0) clock.advance(100)
        }
      }

      async function pass(ms: number): Promise<void> {
        for (let i = 0; i < ms; i += 50) {
          clock.advance(50)
          for (let j = 0; j < 3; j++) {
            await scheduler.waitIdle()
            await new Promise(setImmediate)
          }
        }
      }

      const all = history.locals.map(start)
      const write = ({ process, type, key }: (typeof history.forgotten)[number]): Promise<unknown> => {
        const { cache, read } = all[process]!
        return type === 'tag' ? cache.invalidateTags([`group/${key}`]) : read.invalidate(key)
      }
      const readAll = (): Promise<number[]> => Promise.all(all.flatMap(({ read }) => KEYS.map((key) => read(key))))

      await until(readAll())
      await pass(600)
      const goBack = server.snapshot()
      version = 1
      for (const one of history.forgotten) await until(write(one))
      await until(readAll())
      if (history.asksBefore) await pass(600)
      goBack()
      version = 2
      const work = [
        ...history.since.map(write),
        ...history.readsSince.map(({ process, key }) => all[process]!.read(key)),
      ]
      await until(Promise.all(work))
      await pass(1200)
      let found: number[] = []
      await until(
        readAll().then((values) => {
          found = values
        }),
      )
      expect(found).toEqual(found.map(() => 2))
      await until(Promise.all(all.map(({ cache }) => cache.close())))
      expect(clock.pending()).toBe(0)
    }),
    { seed, numRuns: RUNS, endOnFailure: true },
  )
}, 120_000)
