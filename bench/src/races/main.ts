import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

import { LIBRARIES } from '../peers/peers.ts'
import { setUpTable } from '../peers/set-up-table.ts'
import { withBlocks } from '../report/with-blocks.ts'
import { blocksOf } from './blocks-of.ts'
import type { Outcome } from './outcome.ts'
import { outcomeOf } from './outcome.ts'
import { RACES } from './races.ts'

/** Most of the time a race waits. */
const LANES = 2 * availableParallelism()
const PAGE = new URL('../../../docs/races.md', import.meta.url)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const names = LIBRARIES.map(({ name }) => name)
const isKnown = positionals.every((name) => names.includes(name))
const peers = LIBRARIES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const groups = Object.fromEntries(
  Object.entries(RACES).map(([group, races]) => [group, races.filter(({ name }) => name.includes(values.only))]),
)

async function runAll(): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const waiting = Object.values(groups).flatMap((races) =>
    races.flatMap((race) => peers.map((peer) => ({ race, peer }))),
  )
  async function lane(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await outcomeOf(next.race, next.peer)
      outcomes.push(outcome)
      if (outcome.verdict === 'n/a') continue
      console.log(`${outcome.verdict} ${outcome.peer}: ${outcome.race}${outcome.seen ? `: ${outcome.seen}` : ''}`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return outcomes
}

if (values.help || !isKnown) {
  console.error(`usage: pnpm races [${names.join('|')}]... [--only 'part of a name']`)
  process.exitCode = values.help ? 0 : 2
} else {
  const outcomes = await runAll()
  const isWhole = peers.length === LIBRARIES.length && values.only === ''
  const blocks = new Map([...blocksOf(groups, peers, outcomes), ['libraries', await setUpTable(peers)]])
  if (isWhole) await writeFile(PAGE, withBlocks(await readFile(PAGE, 'utf8'), blocks))
  else console.log(`\n${blocks.get('sum')}`)
  // Everything is written. Now and then, on a busy machine, something of the killed processes keeps this one busy for
  // ever; what it is has not been found.
  process.exit()
}
