import type { ExpectStatic } from 'vitest'
import { test } from 'vitest'

import { check } from './check.ts'
import { clusterFaults } from './cluster-faults.ts'
import { busyFaults, processFaults } from './process-faults.ts'
import { proxyFaults } from './proxy-faults.ts'
import type { Outcome, Run } from './run-fault.ts'
import { sentinelFaults } from './sentinel-faults.ts'
import { serverFaults } from './server-faults.ts'
import { tableOf, updateDocs } from './table.ts'

const quiet = [...serverFaults, ...clusterFaults, ...sentinelFaults, ...proxyFaults, ...processFaults]
const outcomes = new Map<string, readonly Outcome[]>()

async function hold({ name, run }: Run, { expect }: { expect: ExpectStatic }): Promise<void> {
  const seen = await run()
  outcomes.set(name, seen)
  expect(seen).toHaveLength(2)
  for (const outcome of seen) check(expect, outcome)
}

test.concurrent.for(quiet)('$name', { timeout: 120_000 }, hold)
test.for(busyFaults)('$name', { timeout: 900_000 }, hold)

test.runIf(process.env['UPDATE_DOCS'] !== undefined)('the table is in the docs', () => {
  const all = [...quiet, ...busyFaults].flatMap(({ name }) => outcomes.get(name) ?? [])
  updateDocs('rows', tableOf(all))
})
