import { parseArgs } from 'node:util'

import { crowdGroup } from './crowd.ts'
import type { Group } from './group.ts'
import { hitGroup } from './hits.ts'
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

const names = Object.keys(GROUPS)
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const unknown = positionals.filter((name) => !names.includes(name))
const count = Number(values.rounds)

if (values.help || unknown.length > 0 || !Number.isSafeInteger(count) || count < 1) {
  console.error(`usage: pnpm bench [${names.join('|')}]... [--rounds 15]`)
  process.exitCode = values.help ? 0 : 2
} else {
  const measured = []
  for (const name of names) {
    const start = GROUPS[name]
    if (start === undefined || (positionals.length > 0 && !positionals.includes(name))) continue
    const group = await start()
    measured.push({ name, group, times: await rounds(group.cases, count) })
    await group.close()
  }
  console.log(tableOf(measured))
}
