import { totalOf } from './counts.ts'
import type { Run } from './drive.ts'
import { formatTable } from './table.ts'
import { count, milliseconds, percent } from './units.ts'

/** The runs side by side. */
export function formatRuns(runs: Readonly<Record<string, Run>>): string {
  const row = (label: string, show: (run: Run) => string) => [label, ...Object.values(runs).map(show)]

  return formatTable(
    ['', ...Object.keys(runs)],
    [
      row('requests', ({ reads }) => count(reads.length)),
      row('writes meanwhile', ({ stats }) => count(stats.setPopulation.queries)),
      row('p50', ({ latencies }) => milliseconds(latencies.percentile(50) / 1_000)),
      row('p99', ({ latencies }) => milliseconds(latencies.percentile(99) / 1_000)),
      row('throughput', ({ reads, elapsedMs }) => `${count((reads.length / elapsedMs) * 1_000)} requests/s`),
      row('queries that reached SQLite', (run) => count(totalOf(run).queries)),
      row('requests that joined a query', (run) => count(totalOf(run).joined)),
      row('hit ratio', (run) => percent(totalOf(run).hits, run.reads.length)),
      row('numbers checked against writes', ({ staleness }) => count(staleness.checked)),
      row('stale among them', ({ staleness }) => count(staleness.stale)),
      row('stale at most', ({ staleness }) => milliseconds(staleness.stalestMs)),
    ],
  )
}
