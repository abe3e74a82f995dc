import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'piscina'
import type { QueryName } from './cities.ts'
import { prepareQueries, type Queries } from './queries.ts'

export type QueryTask = { readonly name: QueryName; readonly args: never }
export type QueryResult = { readonly rows: ReturnType<Queries[QueryName]>; readonly ms: number }

// One connection per worker thread. The timeout is how long a write waits for the write of another thread.
const queries = prepareQueries(new DatabaseSync(workerData.file, { timeout: 5_000 }))

/** Runs one query and says how long SQLite took for it, without the time it waited for a free thread. */
export function runQuery({ name, args }: QueryTask): QueryResult {
  const startedAt = performance.now()
  const rows = queries[name](args)
  return { rows, ms: performance.now() - startedAt }
}
