import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { importGeonames } from '../src/import-geonames.ts'
import { startProgress } from '../src/progress.ts'
import { readCatalogue } from './catalogue.ts'
import { startChildService } from './child-service.ts'
import { drive, type Run } from './drive.ts'
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

const folder = createTemporaryFolder()
const original = join(folder, 'cities.sqlite')
await importGeonames(original)

const catalogue = readCatalogue(original)
const reads = planReads({ catalogue, count: Number(options.requests), seed: Number(options.seed) })
const writes = planWrites({ catalogue, count: Number(options.writes), seed: Number(options.seed) })

const without = await run('without', ['--no-cache'])
const cached = await run('with', [])
console.log(`
${formatRuns(without, cached)}
Stale at most: for how long after a write was acknowledged an answer still showed an older number.

${formatQueries(without, cached)}`)

/** Every run starts cold and from the same cities, so each gets a copy to write to. */
async function run(name: string, args: readonly string[]): Promise<Run> {
  const database = join(folder, `${name}.sqlite`)
  copyFileSync(original, database)
  const service = await startChildService([...args, '--database', database])
  try {
    const onProgress = startProgress(`Asking ${name} cached()`, reads.length)
    return await drive({ url: service.url, reads, writes, concurrency: Number(options.concurrency), onProgress })
  } finally {
    await service.stop()
  }
}
