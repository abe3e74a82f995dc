import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Outcome } from './run-fault.ts'

const PAGE = fileURLToPath(new URL('../../../../docs/faults.md', import.meta.url))
const COLUMNS = ['fault', 'stores', 'what callers saw', 'slowest call', 'behind a lease', 'time to recover', 'loads']

function shares(outcomes: Readonly<Record<string, number>>): string {
  const total = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  const share = (count: number): string => {
    const percent = (100 * count) / total
    return percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
  }
  const largestFirst = Object.entries(outcomes).toSorted(([, one], [, other]) => other - one)
  return largestFirst.map(([outcome, count]) => `${outcome} ${share(count)}`).join(', ') || 'nobody called'
}

const milliseconds = (ms: number): string => (ms === 0 ? '–' : ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`)

/** While the fault was there and until it was over for the callers. */
export function tableOf(all: readonly Outcome[]): Table {
  const rows = all.map(({ fault, stores, report: { phases, recovery } }) => [
    fault,
    stores,
    shares(phases.fault.outcomes),
    milliseconds(Math.max(phases.fault.slowest, phases.recovering.slowest)),
    milliseconds(Math.max(phases.fault.slowestWaiter, phases.recovering.slowestWaiter)),
    milliseconds(recovery),
    String(phases.fault.loads + phases.recovering.loads),
  ])
  return [COLUMNS, ...rows]
}

/** A table of the page, whose first row names the columns. */
export type Table = readonly [columns: readonly string[], ...rows: (readonly string[])[]]

/** Replaces what is between the markers of a table. */
export function updateDocs(name: 'rows' | 'sizes', table: Table): void {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const widths = table[0].map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  const [head, ...body] = table.map(line)
  const page = readFileSync(PAGE, 'utf8')
  const [before, after] = [page.slice(0, page.indexOf(begin) + begin.length), page.slice(page.indexOf(end))]
  writeFileSync(PAGE, `${before}\n\n${[head, rule, ...body].join('\n')}\n\n${after}`)
}
