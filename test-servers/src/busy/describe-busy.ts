import { describe } from 'vitest'

import { createBusySuite } from './busy-suite.ts'
import type { BusyStores } from './busy-stores.ts'
import { describeArrivals } from './describe-arrivals.ts'
import { describeBeginnings } from './describe-beginnings.ts'
import { describeBursts } from './describe-bursts.ts'
import { describeComputing } from './describe-computing.ts'
import { describeHotKey } from './describe-hot-key.ts'
import { describeInLine } from './describe-in-line.ts'
import { describeLarge } from './describe-large.ts'
import { describePair } from './describe-pair.ts'
import { describePauses } from './describe-pauses.ts'
import { describeStalls } from './describe-stalls.ts'
import { describeUnkept } from './describe-unkept.ts'

export type { BareClient, BusyStores } from './busy-stores.ts'
export { REST_TOKEN } from './busy-stores.ts'

/**
 * A busy process keeps every promise: what is stored and untouched is neither loaded nor cleared nor refused because
 * many ask at once, because the process itself stood still, or because the store was away for a moment.
 */
export function describeBusy(name: string, stores: BusyStores): void {
  // against hanging; how long something may take is compared with the bare client
  describe(name, { timeout: 180_000 }, () => {
    const suite = createBusySuite(stores)
    describeBeginnings(suite)
    describeBursts(suite)
    describeComputing(suite)
    describeStalls(suite)
    describeHotKey(suite)
    describeLarge(suite)
    describeInLine(suite)
    describeArrivals(suite)
    describePair(suite)
    describeUnkept(suite)
    describePauses(suite)
  })
}
