import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Cities, QueryName, QueryStats } from './cities.ts'
import type { Queries } from './queries.ts'
import type { QueryResult, QueryTask } from './query-worker.ts'

/**
 * Asks the database. `node:sqlite` is synchronous and a scan takes tens of milliseconds: on the main thread it would
 * hold up every other request, also those that need no query. So queries run in worker threads, one per core.
 */
export function sqliteCities(file: string): Cities {
  const threads = availableParallelism()
  const pool = new Piscina<QueryTask, QueryResult>({
    filename: new URL('./query-worker.ts', import.meta.url).href,
    name: 'runQuery',
    workerData: { file },
    minThreads: threads,
    maxThreads: threads,
  })
  const stats: Record<QueryName, QueryStats> = {
    nearest: { queries: 0, ms: 0 },
    search: { queries: 0, ms: 0 },
    population: { queries: 0, ms: 0 },
    setPopulation: { queries: 0, ms: 0 },
  }

  async function run<Name extends QueryName>(name: Name, args: Parameters<Queries[Name]>[0]) {
    const { rows, ms } = await pool.run({ name, args: args as never })
    stats[name] = { queries: stats[name].queries + 1, ms: stats[name].ms + ms }
    return rows as ReturnType<Queries[Name]>
  }

  return {
    nearest: (args) => run('nearest', args),
    search: (args) => run('search', args),
    population: (args) => run('population', args),
    setPopulation: (args) => run('setPopulation', args),
    stats: () => ({ sqlite: { ...stats } }),
    close: () => pool.close(),
  }
}
