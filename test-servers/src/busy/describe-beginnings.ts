import { setTimeout as sleep } from 'node:timers/promises'
import type { Invalidation } from '@shelflife/core'
import { expect, test } from 'vitest'

import { busyCache, itemOf, tagOf } from './busy-cache.ts'
import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import { block, crowd, range, SETTLED } from './crowd.ts'
import { watch } from './watch.ts'

const READS = 60
/** Milliseconds between two reads. */
const EVERY = 10
const CROWD = 1000
/** From here on nobody reads. */
const UNREAD = 1_000_000

const whereDone = (result: unknown): unknown => (result as Invalidation).remote

/** A new process, whose client has yet to connect. */
export function describeBeginnings(suite: BusySuite): void {
  async function begin(namespace: string, roundTrip: number) {
    const busy = busyCache({ namespace, store: suite.stores.open(await suite.url(roundTrip)) })
    const watched = watch(busy.cache)
    suite.closing(() => {
      watched.stop()
      return busy.cache.close()
    })
    return Object.assign(busy, watched)
  }

  test.each(suite.sizes.beginnings)(
    'a process that has just begun does not take connecting over a round trip of %i ms for a store that is away',
    async (roundTrip) => {
      const busy = await begin(await suite.warm(READS), roundTrip)

      const reads: Promise<unknown>[] = []
      const writes: Promise<unknown>[] = []
      for (const id of range(READS)) {
        reads.push(busy.item(id))
        writes.push(
          busy.item.invalidate(UNREAD + id),
          busy.item.set(itemOf(UNREAD), UNREAD + id),
          busy.cache.invalidate({ tags: [tagOf(UNREAD + id)] }),
        )
        await sleep(EVERY)
      }

      expect(new Set((await Promise.all(writes)).map(whereDone))).toEqual(new Set(['done']))
      await Promise.all(reads)
      expect(busy.trouble()).toMatchObject({ breaker: [], overflows: 0, unhandled: [] })
      expect(await ailment(busy)).toBe(undefined)
      const { loads } = busy
      await busy.item(0)
      expect(busy.loads, 'loads once it is connected').toBe(loads)
    },
  )

  test.each(suite.sizes.beginnings)(
    'a crowd of a process that has just begun loads nothing that is stored, over a round trip of %i ms',
    async (roundTrip) => {
      const busy = await begin(await suite.warm(CROWD), roundTrip)
      const reads = await crowd(CROWD, busy.item)
      expect({ ...reads, loads: busy.loads, breaker: busy.trouble().breaker }).toMatchObject({
        ...SETTLED,
        loads: 0,
        breaker: [],
      })
    },
  )

  test.each([1300, 3000])(
    'a process that computes for %i ms while its client connects loads nothing that is stored, and queues nothing',
    async (ms) => {
      const busy = await begin(await suite.warm(CROWD), 0)
      const call = (id: number): Promise<unknown> => (id % 2 === 0 ? busy.item(id) : busy.item.invalidate(UNREAD + id))
      const seen = await crowd(CROWD, call, () => block(ms))
      expect({ ...seen, loads: busy.loads, breaker: busy.trouble().breaker }).toMatchObject({
        ...SETTLED,
        loads: 0,
        breaker: [],
      })
    },
  )
}
