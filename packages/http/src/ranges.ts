import type { Validators } from './conditional.ts'
import { isStrongMatch, parseEntityTag } from './entity-tag.ts'
import { parseHttpDate } from './http-date.ts'

/** Part of a body: the first and the last byte, counted from 0, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a range is selected by. */
export interface RangeInput {
  /** `Range` of the request. */
  readonly range: string | undefined
  /** `If-Range` of the request. */
  readonly ifRange: string | undefined
  /** Bytes of the whole body. */
  readonly size: number
  readonly validators: Validators
  /** Now, in milliseconds of the wall clock, for dates with years of two digits. */
  readonly now: number
}

/** One range: several are answered with the whole body, which RFC 9110 §14.2 always allows. */
const SINGLE = /^[ \t]*bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * `Last-Modified` stands for the very same bytes only if the response was generated so much later that no second change
 * can have had the same time, whatever clocks those times are from (RFC 9110 §8.8.2.2).
 */
const ENOUGH_LATER = 60_000

function isUnchanged({ ifRange, validators, now }: RangeInput): boolean {
  if (ifRange === undefined) return true
  const wanted = parseEntityTag(ifRange)
  if (wanted !== undefined) {
    const own = parseEntityTag(validators.etag)
    return own !== undefined && isStrongMatch(wanted, own)
  }
  const { lastModified, date } = validators
  if (lastModified === undefined || date - lastModified < ENOUGH_LATER) return false
  return parseHttpDate(ifRange, now) === lastModified
}

/**
 * Which part of a complete 200 is asked for (RFC 9110 §14). Preconditions come first (`evaluateConditions`); ranges are
 * for GET alone.
 *
 * @returns `undefined`: the whole, which is also the answer to what makes no sense, to other units, to several ranges and
 * to an `If-Range` that does not hold. `unsatisfiable`: answer 416.
 * @example selectRange({ range: 'bytes=-5', ifRange: undefined, size: 20, validators, now }) // { start: 15, end: 19 }
 */
export function selectRange(input: RangeInput): ByteRange | 'unsatisfiable' | undefined {
  const { range, size } = input
  if (range === undefined) return undefined
  const [, first = '', last = ''] = SINGLE.exec(range) ?? []
  if ((first === '' && last === '') || !isUnchanged(input)) return undefined
  if (first === '') return suffix(Number(last), size)
  const start = Number(first)
  const end = last === '' ? Infinity : Number(last)
  if (end < start) return undefined
  return start < size ? { start, end: Math.min(end, size - 1) } : 'unsatisfiable'
}

/** RFC 9110 §14.1.2: longer than the body means all of it. Of an empty body there is no part to speak of. */
function suffix(length: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (length === 0) return 'unsatisfiable'
  return size === 0 ? undefined : { start: Math.max(0, size - length), end: size - 1 }
}

/**
 * The value of `Content-Range` (RFC 9110 §14.4).
 *
 * @param size bytes of the whole body
 * @example contentRange({ start: 15, end: 19 }, 20) // 'bytes 15-19/20'
 * @example contentRange('unsatisfiable', 20) // 'bytes *\/20'
 */
export const contentRange = (range: ByteRange | 'unsatisfiable', size: number): string =>
  range === 'unsatisfiable' ? `bytes */${size}` : `bytes ${range.start}-${range.end}/${size}`
