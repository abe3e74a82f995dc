import { standings } from '../measure/ratios.ts'
import type { Rounds } from '../measure/rounds.ts'
import { BY_HAND, CONTESTANTS, OURS } from '../peers/peers.ts'
import { duration, ratio } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Panel, Target } from './part.ts'

/** What one operation was measured at. */
export interface Measured {
  readonly title: string
  readonly rounds: Rounds
}

/** One table: who is how fast at what, and beside what one could do by hand. */
export function comparison(measured: readonly Measured[], baseline: string = BY_HAND): string {
  const columns = measured.map(({ rounds }) => new Map(standings(rounds, baseline).map((one) => [one.name, one])))
  const names = CONTESTANTS.map(({ name }) => name).filter((name) => columns.some((column) => column.has(name)))
  const rows = names.map((name) => [
    name,
    ...columns.flatMap((column) => {
      const one = column.get(name)
      return one === undefined ? ['n/a', ''] : [duration(one.figure), ratio(one.ratio)]
    }),
  ])
  return tableText({ head: ['', ...measured.flatMap(({ title }) => [title, '×'])], rows })
}

/** A chart of what one operation takes, in nanoseconds. */
export function panelOf({ title, rounds }: Measured): Panel {
  return { title, bars: standings(rounds, BY_HAND).map(({ name, figure }) => ({ name, value: figure })) }
}

/** How Shelflife stands beside what one could do by hand. */
export function targetOf(name: string, { rounds }: Measured, atMost: number): Target {
  const ours = standings(rounds, BY_HAND).find((one) => one.name === OURS)
  return { name, reached: ours?.ratio ?? Number.NaN, atMost }
}
