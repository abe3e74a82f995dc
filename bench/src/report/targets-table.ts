import type { Target } from '../parts/part.ts'
import { ratio } from './figures.ts'
import { tableText } from './table.ts'

/** What was to be reached, and whether it was. */
export function targetsTable(targets: readonly Target[]): string {
  const rows = targets.map(({ name, reached, atMost }) => [
    name,
    ratio(reached),
    ratio(atMost),
    reached <= atMost ? 'yes' : '**no**',
  ])
  return tableText({ head: ['', 'ratio', 'at most', 'reached'], rows })
}
