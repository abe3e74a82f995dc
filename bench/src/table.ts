import type { Group } from './group.ts'
import type { Times } from './rounds.ts'
import { median } from './rounds.ts'

export interface Measured {
  readonly name: string
  readonly group: Group
  readonly times: readonly Times[]
}

/** One Markdown table. Times and ratios are medians over the rounds; a ratio is taken within its round. */
export function tableOf(measured: readonly Measured[]): string {
  const rows = measured.flatMap(rowsOf)
  const head = ['', 'operation', 'ns', 'ratio', 'target']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 2 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 2 || i === 3 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function rowsOf({
  name,
  group: { cases, baseline, targets, operations = 1 },
  times,
}: Measured): readonly (readonly string[])[] {
  return Object.keys(cases).map((operation) => {
    const ns = median(times.map((time) => time(operation))) / operations
    const ratio = median(times.map((time) => time(operation) / time(baseline)))
    const verdicts = targets
      .filter((target) => target.name === operation)
      .map(({ of, atMost, unit }) => {
        const reached = median(times.map(of))
        return `${reached.toFixed(2)} ${unit} ${reached <= atMost ? '≤' : '> MISSED'} ${+atMost.toFixed(2)}`
      })
    return [name, operation, ns.toFixed(ns < 100 ? 1 : 0), ratio.toFixed(2), verdicts.join(', ')]
  })
}
