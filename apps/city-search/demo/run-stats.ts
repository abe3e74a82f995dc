import type { CitiesStats, QueryName } from '../src/cities.ts'

/** What became of the requests of one name, in all processes. */
type NameStats = {
  /** Answered from the cache. */
  readonly hits: number
  /** Waited for a query that another request had begun. */
  readonly joined: number
  /** Queries that reached SQLite, and the ms it worked on them. */
  readonly queries: number
  readonly ms: number
}

export type RunStats = Readonly<Record<QueryName, NameStats>>

/** The statistics of all processes as if they were one. */
export function sumOf(all: readonly CitiesStats[]): RunStats {
  const total = (add: (stats: CitiesStats) => number) => all.reduce((sum, stats) => sum + add(stats), 0)

  const of = (name: QueryName): NameStats => ({
    hits: total(({ cache }) => (cache?.names[name]?.hits ?? 0) + (cache?.names[name]?.staleHits ?? 0)),
    joined: total(({ cache }) => cache?.names[name]?.joined ?? 0),
    queries: total(({ sqlite }) => sqlite[name].queries),
    ms: total(({ sqlite }) => sqlite[name].ms),
  })
  return {
    nearest: of('nearest'),
    search: of('search'),
    population: of('population'),
    setPopulation: of('setPopulation'),
  }
}
