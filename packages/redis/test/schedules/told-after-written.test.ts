import { seed, times } from '../../../core/test/schedules/seed.ts'
import { fakeClock } from '@shelflife/conformance'
import type { RemoteStore } from '@shelflife/core'
import { redisStore } from '@shelflife/redis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SOURCES } from '../scripts.ts'
import { simulatedClient } from '../simulated/client.ts'
import { simulatedServer } from '../simulated/server.ts'
import { servers } from './redis-world.ts'

const RUNS = 300 * times
const KEY = 'key'
const TAG = 'tag'

const changes = fc.constantFrom('invalidate', 'expire', 'invalidateTags', 'expireTags')

async function fill(store: RemoteStore): Promise<void> {
  const opened = await store.open({ key: KEY, owner: 'owner', lease: 0, mode: 'load' })
  const fence = 'fence' in opened ? opened.fence : ''
  const times = { age: 0, ttl: 60_000, keep: 60_000 }
  await store.commit({ key: KEY, owner: 'owner', fence, envelope: Uint8Array.of(1), ...times })
  await store.capture({ tags: [TAG], keep: 60_000 })
}

test('whoever hears of a change and reads finds it made, in any order of commands and messages', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), servers, changes, async (scheduler, { topology, repeats }, change) => {
      const clock = fakeClock(10_000)
      const server = simulatedServer({ clock, topology, scripts: SOURCES })
      let isCalm = true
      const turn = async (label: string): Promise<void> =>
        isCalm ? undefined : scheduler.schedule(Promise.resolve(), label)
      const connect = (): RemoteStore =>
        redisStore(simulatedClient(server, { turn, ...(repeats && { repeats }) }), { clock })
      const [writer, reader] = [connect(), connect()]
      await fill(writer)
      const { ids } = await reader.read(KEY, [TAG])
      const reads: ReturnType<RemoteStore['read']>[] = []
      const message = (): void => void reads.push(reader.read(KEY, [TAG]))
      reader.bus?.listen({ message, confirmed() {}, gap() {}, lost() {} })
      for (let i = 0; i < 4; i++) await new Promise(setImmediate)

      isCalm = false
      const done = change.endsWith('Tags') ? writer[change as 'expireTags']([TAG]) : writer[change as 'expire']([KEY])
      for (let i = 0; i < 4; i++) {
        await scheduler.waitIdle()
        await new Promise(setImmediate)
      }
      await done
      expect(reads).not.toEqual([])
      for (const { record, ids: today } of await Promise.all(reads)) {
        if (change === 'invalidate') expect(record).toBe(undefined)
        else if (change === 'expire') expect(record?.freshUntil).toBeLessThanOrEqual(clock.now())
        else expect(today).not.toEqual(ids)
      }
      isCalm = true
      await Promise.all([writer.close(), reader.close()])
    }),
    { seed, numRuns: RUNS, endOnFailure: true },
  )
}, 60_000)
