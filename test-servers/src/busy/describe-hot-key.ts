import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { arriving } from './arriving.ts'
import type { BusySuite } from './busy-suite.ts'
import { ailment } from './busy-suite.ts'
import { NO_TROUBLE } from './watch.ts'

/** So many reads a second, each of which comes while others wait for an answer. */
const RATE = 1000
/** Milliseconds. */
const [LASTS, ROUND_TRIP] = [2000, 10]

export function describeHotKey(suite: BusySuite): void {
  test(`one key that is read ${RATE} times a second over a round trip of ${ROUND_TRIP} ms is never loaded`, async () => {
    const busy = await suite.open({ namespace: await suite.warm(1), roundTrip: ROUND_TRIP })
    await busy.item(0)
    const reading = arriving(RATE, () => busy.item(0))
    await sleep(LASTS)
    await reading.stop()
    const { loads } = busy
    const ill = await ailment(busy)
    expect({ loads, ill, ...busy.trouble() }).toEqual({ loads: 0, ill: undefined, ...NO_TROUBLE })
  })
}
