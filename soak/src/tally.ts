import type { Check, Party } from './check.ts'
import { createCheck } from './check.ts'
import type { Inventory } from './inventory.ts'
import { createInventory } from './inventory.ts'
import type { Counts, Report } from './report.ts'
import { COUNTS, noCounts } from './report.ts'
import type { WorkerProcess } from './worker-process.ts'

/** What all processes of a soak have reported. */
export interface Tally {
  readonly check: Check
  readonly inventory: Inventory
  readonly counts: Counts
  readonly errors: string[]
  take(party: Party, report: Report): void
  /** Judges what everybody has told all about, and nothing from `before` on. */
  judge(workers: readonly WorkerProcess[], before?: number): void
}

export function createTally(): Tally {
  const [check, inventory, counts] = [createCheck(), createInventory(), noCounts()]
  const errors: string[] = []
  return {
    check,
    inventory,
    counts,
    errors,
    take(party, report) {
      for (const one of report.invalidated) check.invalidated(party, one)
      for (const one of report.seen) check.saw(party, one)
      for (const one of report.invalidated) inventory.invalidated(party.id, one)
      for (const one of report.seen) inventory.saw(one)
      for (const one of report.loads) inventory.loaded(party.id, one)
      if (!report.owes) inventory.paid(party.id, report.at)
      for (const name of COUNTS) counts[name] += report.counts[name]
      errors.push(...report.errors)
    },
    judge(workers, before = Infinity) {
      check.judge(Math.min(before, ...workers.map((worker) => worker.reportedUntil())))
      inventory.judge(Math.min(before, ...workers.map((worker) => worker.calledUntil())))
    },
  }
}
