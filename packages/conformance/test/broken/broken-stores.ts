import type { BrokenStore } from './broken-store.ts'
import { BROKEN_BUSES } from './buses.ts'
import { BROKEN_INVALIDATIONS } from './invalidations.ts'
import { BROKEN_LIVES } from './lives.ts'
import { BROKEN_LOADS } from './loads.ts'
import { BROKEN_RECORDS } from './records.ts'

export const BROKEN_STORES: Readonly<Record<string, BrokenStore>> = {
  ...BROKEN_RECORDS,
  ...BROKEN_LOADS,
  ...BROKEN_LIVES,
  ...BROKEN_INVALIDATIONS,
  ...BROKEN_BUSES,
}
