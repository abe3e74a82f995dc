import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import { block, crowd, inLists, range, SETTLED } from './crowd.ts'
import { NO_TROUBLE } from './watch.ts'

/** Milliseconds. */
const COMPUTING = 150

/** Where the computing comes after the reads of a burst. */
const WHEN = [
  { when: 'in the same turn', compute: () => block(COMPUTING) },
  { when: 'when they have been sent', compute: () => void nextTurn().then(() => block(COMPUTING)) },
]

export function describeComputing(suite: BusySuite): void {
  const { bursts, reads } = suite.sizes.computing

  test.each(WHEN)(
    `${bursts} bursts of ${reads} reads load nothing of what is stored, with ${COMPUTING} ms of computing $when`,
    async ({ compute }) => {
      const namespace = suite.namespace()
      const beside = await suite.beside(namespace)
      const strangers = await suite.strangers(beside)
      await inLists(range(reads), beside.item)
      const busy = await suite.open({ namespace, roundTrip: 0 })
      const failures = { ...SETTLED }
      for (let burst = 0; burst < bursts; burst++) {
        const { unsettled, rejected, queued } = await crowd(reads, busy.item, compute)
        failures.unsettled += unsettled
        failures.rejected += rejected
        failures.queued += queued
      }
      const { loads } = busy
      const ill = await ailment(busy)
      expect({ ...failures, loads, ill, ...busy.trouble(), lost: await strangers.lost() }).toEqual({
        ...SETTLED,
        loads: 0,
        ill: undefined,
        ...NO_TROUBLE,
        lost: 0,
      })
      expect(await strangers.loadedBy(busy), 'strangers that had to be loaded').toBe(0)
    },
  )
}
