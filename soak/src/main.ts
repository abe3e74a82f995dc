import { parseArgs } from 'node:util'
import { machineTime } from './time.ts'
import { soak } from './soak.ts'
import { describe, table } from './summary.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(machineTime()) % 1_000_000) },
    // so long that a busy machine is not taken for a server that is away: without it a process is not exact
    budget: { type: 'string', default: '5000' },
    // two of the four processes over HTTP, as on Upstash
    upstash: { type: 'boolean', default: false },
    // claims invalidations that it does not make: the check must find out
    sabotage: { type: 'boolean', default: false },
  },
})
const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
const budget = Number(values.budget)
if (!(seconds > 0 && budget > 0)) throw new Error('--seconds and --budget take a number above 0')
if (!Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number')

process.stdout.write(`soak: ${seconds} s, --seed ${seed}${values.upstash ? ' --upstash' : ''}\n`)
const result = await soak({ seconds, seed, budget, isOverHttp: values.upstash, isSabotaged: values.sabotage })
for (const line of describe(result)) process.stdout.write(`${line}\n`)
process.stdout.write(`${table(result)}\n`)
if (result.violations.length > 0 || result.errors.length > 0) process.exitCode = 1
