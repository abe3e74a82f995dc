import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { BusyCache } from './busy-cache.ts'
import { itemOf } from './busy-cache.ts'
import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import type { Crowd } from './crowd.ts'
import { block, crowd, inLists, range, SETTLED } from './crowd.ts'
import { NO_TROUBLE } from './watch.ts'

/** Commands under way of each kind when the event loop stands still. */
const CALLS = 100
const ROUND_TRIP = 10

const KINDS: readonly ((busy: BusyCache, id: number) => Promise<unknown>)[] = [
  (busy, id) => busy.item(id),
  (busy, id) => busy.item.invalidate(1000 + id),
  (busy, id) => busy.item.set(itemOf(id, 'set'), 2000 + id),
]

const STORES = [
  { with: 'the remote store alone', isLocal: false },
  { with: 'a local store in front', isLocal: true },
]

export function describeStalls(suite: BusySuite): void {
  const rows = suite.sizes.stalls.flatMap((ms) => STORES.map((stores) => ({ ms, ...stores })))

  test.each(rows)(
    'reads, invalidations and sets come to what they should when the event loop stands still for $ms ms, with $with',
    async ({ ms, isLocal }) => {
      const namespace = suite.namespace()
      const beside = await suite.beside(namespace)
      const strangers = await suite.strangers(beside)
      await inLists(range(CALLS), beside.item)
      const busy = await suite.open({ namespace, roundTrip: ROUND_TRIP, isLocal })
      const some = (from: number, issued?: () => void): Promise<Crowd>[] =>
        KINDS.map((call, kind) =>
          crowd(CALLS / 2, (i) => call(busy, from + i), kind === KINDS.length - 1 ? issued : undefined),
        )

      // known to the connection when it stands still, in the same turn, and when it has stood still
      const before = some(0)
      await nextTurn()
      const meanwhile = some(CALLS / 2, () => block(ms))
      await sleep(ROUND_TRIP)
      const after = some(0)

      const outcomes = await Promise.all([...before, ...meanwhile, ...after])
      const { loads } = busy
      const ill = await ailment(busy)
      const sum = (of: (outcome: Crowd) => number): number => outcomes.reduce((all, one) => all + of(one), 0)
      expect({
        unsettled: sum(({ unsettled }) => unsettled),
        rejected: sum(({ rejected }) => rejected),
        queued: sum(({ queued }) => queued),
        loads,
        ill,
        ...busy.trouble(),
        lost: await strangers.lost(),
      }).toEqual({ ...SETTLED, loads: 0, ill: undefined, ...NO_TROUBLE, lost: 0 })
      expect(await strangers.loadedBy(busy), 'strangers that had to be loaded').toBe(0)
    },
  )
}
