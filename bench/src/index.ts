import { parseArgs } from 'node:util'

import { crowdGroup } from './crowd.ts'
import type { Group } from './group.ts'
import { hitGroup } from './hits.ts'
import { httpTable } from './http/http.ts'
import { keyGroup } from './keys.ts'
import { remoteGroup } from './remote.ts'
import { rounds } from './rounds.ts'
import { tableOf } from './table.ts'
import { writeGroup } from './writes.ts'

/** The crowd comes last: what it does to the shared code cannot be undone. */
const GROUPS: Readonly<Record<string, () => Promise<Group>>> = {
  hit: hitGroup,
  key: keyGroup,
  write: writeGroup,
  'remote-200B': () => remoteGroup('200 B'),
  'remote-10kB': () => remoteGroup('10 kB'),
  'remote-200kB': () => remoteGroup('200 kB'),
  crowd: crowdGroup,
}

/** Measured with servers and a client of their own, so in a table of its own. */
const HTTP = 'http'

const names = [...Object.keys(GROUPS), HTTP]
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const unknown = positionals.filter((name) => !names.includes(name))
const count = Number(values.rounds)
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
/** Of 20 s each. */
const MOST_HTTP_ROUNDS = 5

if (values.help || unknown.length > 0 || !Number.isSafeInteger(count) || count < 1) {
  console.error(`usage: pnpm bench [${names.join('|')}]... [--rounds 15]`)
  process.exitCode = values.help ? 0 : 2
} else {
  const measured = []
  for (const name of names) {
    const start = GROUPS[name]
    if (start === undefined || !isWanted(name)) continue
    const group = await start()
    measured.push({ name, group, times: await rounds(group.cases, count) })
    await group.close()
  }
  if (measured.length > 0) console.log(tableOf(measured))
  if (isWanted(HTTP)) console.log(`\n${await httpTable(Math.min(count, MOST_HTTP_ROUNDS))}`)
}
