import type { ExpectStatic } from 'vitest'

import { BUDGET, LEASE, LOAD } from './report.ts'
import type { Outcome } from './run-fault.ts'

/**
 * Against hanging, where a dozen processes share two cores and every answer of a store comes late; what they take on a
 * quiet machine is in docs/faults.md. What this process is known to have stood still comes on top.
 */
const SLACK = 2000
const SOON = 3000
/** The default of `memoryStore`. */
const MOST_ENTRIES = 50_000
const MOST_HEAP = 400_000_000

/** What holds in every row. */
export function check(expect: ExpectStatic, outcome: Outcome): void {
  const { report, code, exitAfter, stderr, allowance, noise, fault, stores } = outcome
  const { phases, unhandled, wrong, hung, slow } = report
  const all = Object.values(phases)
  const slowest = (of: 'slowest' | 'slowestWaiter' | 'slowestInvalidation'): number =>
    Math.max(...all.map((phase) => phase[of]))
  // whatever a call asks the store for, one after the other
  const slack = SLACK + noise
  const most = BUDGET.write + LOAD + allowance + slack
  const where = `${fault}, ${stores}`
  expect.soft(unhandled, `${where}: unhandled`).toEqual([])
  expect.soft(hung, `${where}: hung calls`).toEqual([])
  expect.soft(report.recovery, `${where}: time to recover, with ${report.states.join()}`).toBeGreaterThanOrEqual(0)
  expect.soft(wrong, `${where}: wrong values`).toEqual([])
  expect.soft(slowest('slowest'), `${where}: slowest call, of ${slow.join('; ')}`).toBeLessThan(most)
  // who waits for a load in another process waits for its lease to end, should that process not come back
  expect.soft(slowest('slowestWaiter'), `${where}: slowest waiter, of ${slow.join('; ')}`).toBeLessThan(most + LEASE)
  expect
    .soft(slowest('slowestInvalidation'), `${where}: slowest invalidation`)
    .toBeLessThan(BUDGET.write + allowance + slack)
  expect.soft(report.entries, `${where}: local entries`).toBeLessThanOrEqual(MOST_ENTRIES)
  expect.soft(report.heap, `${where}: heap`).toBeLessThan(MOST_HEAP)
  expect.soft(code, `${where}: exit code`).toBe(0)
  expect.soft(exitAfter, `${where}: exit after close()`).toBeLessThan(SOON + noise)
  expect.soft(stderr, where).toBe('')
}
