import { standings } from '../measure/ratios.ts'
import { inRounds, timeOf } from '../measure/rounds.ts'
import { duration, ratio } from '../report/figures.ts'
import { tableText } from '../report/table.ts'
import type { Part } from '../parts/part.ts'
import { crowdGroup } from './crowd.ts'
import type { Group } from './group.ts'
import { hitGroup } from './hits.ts'
import { writeGroup } from './writes.ts'

/** The crowd comes last: what it does to the shared code cannot be undone. */
const GROUPS: Readonly<Record<string, () => Promise<Group>>> = {
  hit: hitGroup,
  write: writeGroup,
  crowd: crowdGroup,
}

/** Shelflife by itself, in more detail, everything in one process. */
export const ownPart: Part = async ({ rounds }) => {
  const rows: (readonly string[])[] = []
  for (const [part, start] of Object.entries(GROUPS)) {
    const { cases, baseline, close } = await start()
    const names = Object.keys(cases)
    const figures = await inRounds(names, { rounds, warmUp: 2 }, (name) => timeOf(cases[name] as () => unknown))
    for (const one of standings(figures, baseline)) rows.push([part, one.name, duration(one.figure), ratio(one.ratio)])
    await close()
  }
  return { text: tableText({ head: ['', 'operation', 'time', '×'], rows, texts: 2 }) }
}
