import { parseArgs } from 'node:util'
import { clusterSoak } from './cluster-soak.ts'
import { service } from './service.ts'
import { soak } from './soak.ts'
import { describe, serviceTable, soakTable } from './summary.ts'
import { machineTime } from './time.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(machineTime()) % 1_000_000) },
    busy: { type: 'boolean', default: false },
    service: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    upstash: { type: 'boolean', default: false },
    budget: { type: 'string' },
    share: { type: 'string', default: '0.5' },
    sabotage: { type: 'boolean', default: false },
  },
})
const { busy: isBusy, service: isService, upstash: isOverHttp, cluster: isOnCluster, sabotage: isSabotaged } = values
/** So long that a busy machine is not taken for a server that is away, which makes a process less than exact. */
const PATIENT = 5000

const [seconds, seed, share] = [Number(values.seconds), Number(values.seed), Number(values.share)]
const budget = values.budget === undefined ? (isBusy ? undefined : PATIENT) : Number(values.budget)
if (!(seconds > 0 && (budget ?? 1) > 0)) throw new Error('--seconds and --budget take a number above 0')
if (!Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number')
if (!(share >= 0 && share <= 1)) throw new Error('--share takes a number from 0 to 1')
if ([isBusy, isService, isOverHttp, isOnCluster].filter(Boolean).length > 1) {
  throw new Error('take one of --busy, --service, --upstash and --cluster')
}

const modes = Object.entries({
  busy: isBusy,
  service: isService,
  upstash: isOverHttp,
  cluster: isOnCluster,
  sabotage: isSabotaged,
})
const mode = modes.map(([name, isOn]) => (isOn ? ` --${name}` : '')).join('')
process.stdout.write(`soak: ${seconds} s, --seed ${seed}${mode}\n`)

async function run(): Promise<readonly string[]> {
  if (isService) {
    const result = await service({ seconds, seed, share, isSabotaged })
    return [...describe(result), serviceTable(result)]
  }
  const input = { seconds, seed, budget, isBusy, isOverHttp, isSabotaged }
  const result = isOnCluster ? await clusterSoak(input) : await soak(input)
  return [...describe(result), soakTable(result)]
}

const lines = await run()
process.stdout.write(`${lines.join('\n')}\n`)
// more than the table: something that must not be
if (lines.length > 1) process.exitCode = 1
