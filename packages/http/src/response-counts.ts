import type { HeaderList } from './header-list.ts'

/** How often requests of one route came to the same end. */
export interface ResponseCount {
  readonly route: string
  /**
   * `hit`, `stale`: answered from the store. `collapsed`: by what was made for another request. `stored`: by the handler, and
   * kept. `passed`: by the handler alone.
   */
  readonly outcome: 'hit' | 'stale' | 'collapsed' | 'stored' | 'passed'
  /** Why it was not answered from the store, or not kept: as `Cache-Status` says it. */
  readonly detail: string
  readonly count: number
}

type Row = { -readonly [Name in keyof ResponseCount]: ResponseCount[Name] }

export interface ResponseCounts {
  /** The row of the hits of a route, which is counted in place: most requests come to no more. */
  hitsOf(route: string): Pick<Row, 'count'>
  /** @param status what `Cache-Status` says of the answer, last of all */
  add(route: string, status: string): void
  all(): readonly ResponseCount[]
}

const FORWARD = /;fwd=([\w-]+)/
const DETAIL = /;detail=(?:"([^"]*)"|([\w-]+))/

function outcomeOf(status: string): ResponseCount['outcome'] {
  if (/;hit(?:;|$)/.test(status)) return status.includes(';detail=stale') ? 'stale' : 'hit'
  if (/;collapsed(?:;|$)/.test(status)) return 'collapsed'
  return /;stored(?:;|$)/.test(status) ? 'stored' : 'passed'
}

function detailOf(status: string): string {
  const [, quoted, token] = DETAIL.exec(status) ?? []
  const detail = quoted ?? token ?? FORWARD.exec(status)?.[1] ?? ''
  return detail === 'stale' && !FORWARD.test(status) ? '' : detail
}

/** What this cache said of an answer. */
export function lastStatus(name: string, headers: HeaderList): string {
  const said = headers.findLast(([field]) => field === 'Cache-Status')?.[1] ?? ''
  return said.slice(Math.max(0, said.lastIndexOf(`${name};`)))
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
    add: (route, status) => void rowOf({ route, outcome: outcomeOf(status), detail: detailOf(status) }).count++,
    all: () => [...routes.values()].flatMap((rows) => [...rows.values()].map((row) => ({ ...row }))),
  }
}

const countsOf = new WeakMap<object, ResponseCounts>()

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
