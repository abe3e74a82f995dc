import { expect, test } from 'vitest'

import { inLists, range } from './crowd.ts'
import type { BusySuite } from './busy-suite.ts'
import type { Forked } from './fork-process.ts'
import { forkProcess } from './fork-process.ts'
import type { PairReport, PairSetup } from './pair-report.ts'
import { tooOld } from './pair-report.ts'
import { NO_TROUBLE } from './watch.ts'

/** The default, and what lies between the reading of a clock here and there. */
const DRIFT = 1000 + 20
const SHARED = 500
const UNTOUCHED = 200

export function describePair(suite: BusySuite): void {
  const { calls, lasts } = suite.sizes.pair

  test(`two processes that make ${calls} calls at once on the same names answer nothing that is too old`, async () => {
    const namespace = suite.namespace()
    const { cache } = await suite.beside(namespace)
    const fill = cache.cached(async (_id: number) => 'loaded', { name: 'untouched', ttl: '1h' })
    const untouched = range(UNTOUCHED)
    await inLists(untouched, fill)
    const url = await suite.url(0)

    const pair: Forked[] = range(2).map((process) => {
      const setup: PairSetup = { url, namespace, process, calls, lasts, shared: range(SHARED), untouched }
      const child = forkProcess(suite.stores.process, setup)
      suite.closing(() => child.kill())
      return child
    })
    for (const child of pair) expect(await child.heard()).toBe('ready')
    for (const child of pair) child.tell('go')
    const reports = await Promise.all(pair.map((child) => child.heard<PairReport>()))

    const sets = new Map(
      reports.flatMap(({ changes }) => changes.flatMap((one) => (one.setBy === undefined ? [] : [[one.setBy, one]]))),
    )
    const [one, other] = reports as [PairReport, PairReport]
    // what a process has invalidated itself it never sees again; of the other one it may see it for `maxDrift`
    const own = reports.flatMap(({ reads, changes }) => tooOld(reads, changes, { drift: 0, sets }))
    const others = [
      ...tooOld(one.reads, other.changes, { drift: DRIFT, sets }),
      ...tooOld(other.reads, one.changes, { drift: DRIFT, sets }),
    ]
    const found = reports.map(({ loadsOfUntouched, queued, rejected, trouble, ill }) => {
      return { loadsOfUntouched, queued, rejected, trouble, ill }
    })
    const latest = Math.max(0, ...others.map(({ late }) => late))
    expect({ own: own.length, others: others.length, latest, found }).toEqual({
      own: 0,
      others: 0,
      latest: 0,
      found: reports.map(() => ({ loadsOfUntouched: 0, queued: 0, rejected: 0, trouble: NO_TROUBLE, ill: null })),
    })
    for (const { reads, changes } of reports) {
      expect(reads.length, 'reads').toBeGreaterThan(calls)
      expect(changes.length, 'changes').toBeGreaterThan(calls / 10)
    }
  })
}
