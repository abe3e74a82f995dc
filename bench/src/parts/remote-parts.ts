import { startRedis } from '@shelflife/test-servers'

import type { Size } from '../measure/record.ts'
import { SIZES } from '../measure/record.ts'
import type { Rounds } from '../measure/rounds.ts'
import { CONCURRENCY } from '../operations/operations.ts'
import type { Measured } from './comparison.ts'
import { comparison, panelOf, targetOf } from './comparison.ts'
import type { Findings, Panel, Part, Target } from './part.ts'
import { sideBySide } from './side-by-side.ts'

async function onRedis(operation: string, rounds: number): Promise<Rounds> {
  const server = await startRedis()
  try {
    return await sideBySide(operation, rounds, server.url)
  } finally {
    await server.stop()
  }
}

/** What takes longer than 40 ms at a time is measured in fewer rounds. */
const roundsOf = (size: Size, rounds: number): number =>
  size === '200 kB' ? Math.max(1, Math.ceil(rounds / 2)) : rounds

/** The throughput that is due, as a multiple of `get` and `JSON.parse`. */
const DUE = { '200 B': 0.95, '10 kB': 1.3, '200 kB': 1.5 } as const

/** Hits on Redis. */
export const remotePart: Part = async ({ rounds }): Promise<Findings> => {
  const tables: string[] = []
  const panels: Panel[] = []
  const targets: Target[] = []
  for (const concurrency of CONCURRENCY) {
    const measured: Measured[] = []
    for (const size of SIZES) {
      const title = `${size}, ${concurrency} at once`
      const one = { title, rounds: await onRedis(title, roundsOf(size, rounds)) }
      measured.push(one)
      targets.push(targetOf(`remote hit, ${title}, beside get and JSON.parse`, one, 1 / DUE[size]))
    }
    tables.push(comparison(measured))
    panels.push(...measured.map((one) => ({ ...panelOf(one), title: `remote hit, ${one.title} (ns)` })))
  }
  return { text: tables.join('\n\n'), panels, targets }
}

/** Reads and writes in two levels. */
export const mixPart: Part = async ({ rounds }) => {
  const measured = { title: 'one operation', rounds: await onRedis('mix', rounds) }
  return {
    text: comparison([measured]),
    panels: [{ ...panelOf(measured), title: 'two levels, 95 reads to 5 writes (ns)' }],
  }
}
