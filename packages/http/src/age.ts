import { MOST_SECONDS } from './cache-control.ts'
import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'
import { parseHttpDate } from './http-date.ts'

/** What the age of a response is worked out from. Milliseconds of the wall clock. */
export interface AgeInput {
  readonly headers: HeaderList
  /** When the handler was asked. */
  readonly requestedAt: number
  /** When its status and headers were there. */
  readonly respondedAt: number
}

/**
 * When a response was generated: its `Date`, or when it came where there is none that can be read (RFC 9110 §6.6.1).
 *
 * @param respondedAt when it came
 * @returns milliseconds since the epoch
 * @example dateOf([['Date', 'Thu, 01 Jan 1970 00:00:01 GMT']], 5000) // 1000
 */
export const dateOf = (headers: HeaderList, respondedAt: number): number =>
  parseHttpDate(linesOf(headers, 'date')[0], respondedAt) ?? respondedAt

/** RFC 9111 §5.1: of a list the first member counts; what is no number of seconds is ignored. */
function ageValue(headers: HeaderList): number {
  const first = linesOf(headers, 'age')[0]?.split(',', 1)[0]?.trim() ?? ''
  return /^\d+$/.test(first) ? Math.min(Number(first), MOST_SECONDS) : 0
}

/**
 * How old a response was when it came: as its `Date` says, or as the caches before say in `Age` plus the time that
 * the answer took, whichever is more (RFC 9111 §4.2.3).
 *
 * @returns seconds, with a fraction where the answer took one
 * @example initialAge({ headers: [['Age', '10']], requestedAt: 0, respondedAt: 500 }) // 10.5
 */
export function initialAge({ headers, requestedAt, respondedAt }: AgeInput): number {
  // `Date` has no parts of a second: those of the difference say nothing
  const apparent = Math.floor((respondedAt - dateOf(headers, respondedAt)) / 1000)
  const delay = Math.max(0, respondedAt - requestedAt) / 1000
  return Math.min(Math.max(0, apparent, ageValue(headers) + delay), MOST_SECONDS)
}

/**
 * The value of `Age` for a response from the store (RFC 9111 §4.2.3, §5.1).
 *
 * @param initial seconds, from `initialAge`
 * @param resident milliseconds since it came
 * @returns whole seconds
 * @example currentAge(10.5, 700) // 11
 */
export const currentAge = (initial: number, resident: number): number =>
  Math.min(Math.floor(initial + Math.max(0, resident) / 1000), MOST_SECONDS)
