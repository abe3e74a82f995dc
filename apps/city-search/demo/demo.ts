import { randomUUID } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importGeonames } from '../src/import-geonames.ts'
import { startProgress } from '../src/progress.ts'
import { readCatalogue } from './catalogue.ts'
import { startChildService } from './child-service.ts'
import { drive, type Run } from './drive.ts'
import { measureReach } from './measure-reach.ts'
import { planReads } from './plan-reads.ts'
import { planWrites } from './plan-writes.ts'
import { formatQueries } from './queries-table.ts'
import { formatRuns } from './runs-table.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const { values: options } = parseArgs({
  options: {
    requests: { type: 'string', default: '1500' },
    writes: { type: 'string', default: '15' },
    concurrency: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
})

const NEXT = `Next: how it was done is apps/city-search/src/cached-cities.ts. REDIS_URL=redis://localhost:6379 npx -y pnpm demo shows
two processes that share what they have. Whole responses: apps/express-api. What happens when Redis goes: docs/faults.md.`

const folder = createTemporaryFolder()
const original = join(folder, 'cities.sqlite')
await importGeonames(original)

const catalogue = readCatalogue(original)
const reads = planReads({ catalogue, count: Number(options.requests), seed: Number(options.seed) })
const writes = planWrites({ catalogue, count: Number(options.writes), seed: Number(options.seed) })

const without = await run('without cached()', 1, ['--no-cache'])
const cached = await run('with cached()', 1, [])
const runs = { 'without cached()': without, 'with cached()': cached }
const shared = process.env.REDIS_URL ? await run('two processes on Redis', 2, []) : undefined
console.log(`
${formatRuns(shared ? { ...runs, 'two processes on Redis': shared } : runs)}
Stale at most: for how long after a write was acknowledged an answer still showed an older number.

${formatQueries(without, cached)}

${NEXT}`)

/** Every run starts cold and from the same cities, so each gets a copy to write to. */
async function run(name: string, processes: number, args: readonly string[]): Promise<Run> {
  const id = randomUUID()
  const database = join(folder, `${id}.sqlite`)
  copyFileSync(original, database)
  const start = () => startChildService([...args, '--database', database, '--namespace', `demo-${id}`], processes > 1)
  const services = await Promise.all(Array.from({ length: processes }, start))
  try {
    const urls = services.map(({ url }) => url)
    const onProgress = startProgress(`Asking ${name}`, reads.length)
    const result = await drive({ urls, reads, writes, concurrency: Number(options.concurrency), onProgress })
    if (processes > 1) console.log(await measureReach(urls, catalogue))
    return result
  } finally {
    await Promise.all(services.map((service) => service.stop()))
  }
}
