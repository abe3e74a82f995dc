import { countsOf } from './counts.ts'
import type { Run } from './drive.ts'
import { readNames } from './plan-reads.ts'
import { formatTable } from './table.ts'
import { count, percent, seconds } from './units.ts'

/** Query by query: what reached SQLite, how long it worked for that, and what `cached()` saved. */
export function formatQueries(without: Run, cached: Run): string {
  const rows = readNames.map((name) => {
    const before = countsOf(without, name)
    const after = countsOf(cached, name)
    return [
      name,
      count(before.requests),
      `${count(before.queries)} → ${count(after.queries)}`,
      percent(after.hits, after.requests),
      `${seconds(before.ms)} → ${seconds(after.ms)}`,
      seconds(before.ms - after.ms),
    ]
  })
  return formatTable(['query', 'requests', 'reached SQLite', 'hit ratio', 'time in SQLite', 'time saved'], rows)
}
