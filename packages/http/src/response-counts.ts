import { onePerProcess } from '@shelflife/core/integration'

import type { Handling } from './cache-status.ts'

/** How often requests of one route came to the same end. */
export interface ResponseCount {
  readonly route: string
  /**
   * `hit`, `stale`: answered from the store. `collapsed`: by what was made for another request. `stored`: by the handler,
   * and kept. `passed`: by the handler alone, or by nobody (`only-if-cached`). `failed`: the handler threw, or answered 500
   * or more.
   */
  readonly outcome: 'hit' | 'stale' | 'collapsed' | 'stored' | 'passed' | 'failed'
  /** Why it was not answered from the store, or not kept: as `Cache-Status` says it. Of `failed` the status, if any. */
  readonly detail: string
  readonly count: number
}

type Row = { -readonly [Name in keyof ResponseCount]: ResponseCount[Name] }

export interface ResponseCounts {
  /** The row of the hits of a route, which is counted in place: most requests come to no more. */
  hitsOf(route: string): Pick<Row, 'count'>
  /** @param handling what became of a request; `undefined`: it failed */
  add(route: string, handling: Handling | undefined): void
  all(): readonly ResponseCount[]
}

/** Everything from here on says that the handler failed. */
const FAILED = 500

function endOf(handling: Handling | undefined): Pick<Row, 'outcome' | 'detail'> {
  if (handling === undefined) return { outcome: 'failed', detail: '' }
  const { outcome, stored, collapsed, fwdStatus = 0, detail } = handling
  if (outcome === 'hit') return { outcome: detail === 'stale' ? 'stale' : 'hit', detail: '' }
  if (collapsed === true) return { outcome: 'collapsed', detail: outcome }
  if (stored === true) return { outcome: 'stored', detail: outcome }
  return fwdStatus < FAILED
    ? { outcome: 'passed', detail: detail ?? outcome }
    : { outcome: 'failed', detail: String(fwdStatus) }
}

export function createResponseCounts(): ResponseCounts {
  const routes = new Map<string, Map<string, Row>>()

  function rowOf({ route, outcome, detail }: Omit<Row, 'count'>): Row {
    const rows = routes.get(route) ?? new Map<string, Row>()
    const key = `${outcome} ${detail}`
    const row = rows.get(key) ?? { route, outcome, detail, count: 0 }
    routes.set(route, rows.set(key, row))
    return row
  }

  return {
    hitsOf: (route) => rowOf({ route, outcome: 'hit', detail: '' }),
    add: (route, handling) => void rowOf({ route, ...endOf(handling) }).count++,
    all: () => [...routes.values()].flatMap((rows) => [...rows.values()].map((row) => ({ ...row }))),
  }
}

const countsOf = onePerProcess('http.counts', () => new WeakMap<object, ResponseCounts>())

/** Has the counts of the responses of a cache found by the cache. */
export function noteCounts(cache: object, counts: ResponseCounts): void {
  countsOf.set(cache, counts)
}

/**
 * How often requests of each route came to which end, of the responses that are kept in this very cache or namespace.
 *
 * @example responseCounts(cache) // [{ route: 'product', outcome: 'hit', detail: '', count: 41 }, …]
 */
export const responseCounts = (cache: object): readonly ResponseCount[] => countsOf.get(cache)?.all() ?? []
