import type { Fields, Moment, Value } from './field-lines.ts'
import type { Step, SuiteCase } from './suite-case.ts'
import { may, must } from './suite-case.ts'

/** Fresh for as long as any case lasts. */
export const FRESH = { 'Cache-Control': 'max-age=3600' } as const satisfies Fields

/** Fresh for a moment: stale after `LATER` seconds. */
export const BRIEF = { 'Cache-Control': 'max-age=1' } as const satisfies Fields

/** Seconds until `max-age=1` is over, whichever way a cache rounds. */
export const LATER = 1.2

/** A date that was long ago in every run. */
export const LONG_AGO = 'Tue, 15 Nov 2022 12:45:26 GMT'

export const HIT = { from: 'cache' } as const satisfies Step
export const MISS = { from: 'origin' } as const satisfies Step

/** A step that only puts a response into the cache. */
export const store = (headers: Fields, rest: Omit<Step, 'reply'> = {}): Step => ({ ...rest, reply: { headers } })

/** An HTTP date this many seconds from the moment it is sent. */
export function date(seconds: number): Value {
  return ({ now }: Moment) => new Date(now + 1000 * seconds).toUTCString()
}

export type Rows = Readonly<Record<string, Fields>>

/** Responses with these header fields are reused at once. */
export function reused(section: string, rows: Rows): readonly SuiteCase[] {
  return Object.entries(rows).map(([title, headers]) => may(section, `${title} is reused`, store(headers), HIT))
}

/** Responses with these header fields are never reused, not even at once. */
export function notReused(section: string, rows: Rows): readonly SuiteCase[] {
  return Object.entries(rows).map(([title, headers]) => must(section, `${title} is not reused`, store(headers), MISS))
}

/** Responses with these header fields are not reused a little later. */
export function goesStale(section: string, rows: Rows): readonly SuiteCase[] {
  return Object.entries(rows).map(([title, headers]) =>
    must(section, `${title} is not reused once it is over`, store(headers), { ...MISS, wait: LATER }),
  )
}
