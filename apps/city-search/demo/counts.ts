import type { Run } from './drive.ts'
import { type ReadName, readNames } from './plan-reads.ts'

/** What became of the reads of one name. */
export type Counts = {
  readonly requests: number
  /** Answered from the cache. */
  readonly hits: number
  /** Waited for a query that another request had begun. */
  readonly joined: number
  /** Queries that reached SQLite, and the ms it worked on them. */
  readonly queries: number
  readonly ms: number
}

export function countsOf({ reads, stats }: Run, name: ReadName): Counts {
  const requests = reads.filter((read) => read.name === name).length
  return { requests, ...stats[name] }
}

export function totalOf(run: Run): Counts {
  return readNames
    .map((name) => countsOf(run, name))
    .reduce((total, counts) => ({
      requests: total.requests + counts.requests,
      hits: total.hits + counts.hits,
      joined: total.joined + counts.joined,
      queries: total.queries + counts.queries,
      ms: total.ms + counts.ms,
    }))
}
