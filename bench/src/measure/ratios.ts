import { median } from './median.ts'
import type { Rounds } from './rounds.ts'

/** What somebody was measured at, and beside somebody else. */
export interface Standing {
  readonly name: string
  /** The median. */
  readonly figure: number
  /** The median of the ratios within a round. */
  readonly ratio: number
}

/** Everyone beside `baseline`, in the order that they came. */
export function standings(rounds: Rounds, baseline: string): readonly Standing[] {
  const base = rounds.get(baseline) ?? []
  return [...rounds].map(([name, figures]) => ({
    name,
    figure: median(figures),
    ratio: median(figures.map((figure, round) => figure / (base[round] ?? Number.NaN))),
  }))
}
