import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'

import type { Panel, Target } from './parts/part.ts'
import { PARTS } from './parts/parts.ts'
import { LIBRARIES, OURS } from './peers/peers.ts'
import { setUpTable } from './peers/set-up-table.ts'
import { chart } from './report/chart.ts'
import { targetsTable } from './report/targets-table.ts'
import { withBlocks } from './report/with-blocks.ts'

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url)
const CHART = new URL('../../docs/benchmarks.svg', import.meta.url)

const names = Object.keys(PARTS)
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const rounds = Number(values.rounds)
const isKnown = positionals.every((name) => names.includes(name))
const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name))
const load = (): string => loadavg()[0]?.toFixed(1) ?? '?'

async function runAll() {
  const blocks = new Map<string, string>()
  const panels: Panel[] = []
  const targets: Target[] = []
  for (const name of wanted) {
    const began = performance.now()
    const before = load()
    const findings = await PARTS[name]?.({ rounds })
    if (findings === undefined) continue
    const took = Math.round((performance.now() - began) / 1000)
    const text = `${findings.text}\n\nLoad of the machine ${before} before, ${load()} after; ${took} s.`
    console.log(`\n## ${name}\n\n${text}`)
    blocks.set(name, text)
    panels.push(...(findings.panels ?? []))
    targets.push(...(findings.targets ?? []))
  }
  return { blocks, panels, targets }
}

if (values.help || !isKnown || !Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`usage: pnpm bench [${names.join('|')}]... [--rounds 5]\nAll parts together write docs/benchmarks.md.`)
  process.exitCode = values.help ? 0 : 2
} else {
  const { blocks, panels, targets } = await runAll()
  if (targets.length > 0) console.log(`\n${targetsTable(targets)}`)
  if (positionals.length === 0) {
    const machine = `Node ${process.version.slice(1)}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${rounds} rounds.`
    blocks
      .set('machine', machine)
      .set('libraries', await setUpTable(LIBRARIES))
      .set('targets', targetsTable(targets))
    await writeFile(PAGE, withBlocks(await readFile(PAGE, 'utf8'), blocks))
    await writeFile(CHART, chart(panels, OURS))
  }
}
