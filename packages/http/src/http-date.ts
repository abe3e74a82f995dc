const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH = `(?<month>${MONTHS.join('|')})`
// 60 is a leap second
const TIME = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)`

const FORMATS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^${DAY}, (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`, 'i'),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^${LONG_DAY}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`, 'i'),
  // Sun Nov  6 08:49:37 1994
  new RegExp(String.raw`^${DAY} ${MONTH} (?<day> \d|\d\d) ${TIME} (?<year>\d{4})$`, 'i'),
]

type Parts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>>

/** The date in a year; `undefined` if that year has no such day. */
function dateIn(year: number, { month, day, hour, minute, second }: Parts): number | undefined {
  const date = new Date(0)
  // not `Date.UTC`, which takes the year 50 for 1950
  date.setUTCFullYear(
    year,
    MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase()),
    Number(day),
  )
  if (date.getUTCDate() !== Number(day)) return undefined
  return date.setUTCHours(Number(hour), Number(minute), Number(second))
}

/** The last year of these two digits in which the date is at most 50 years after `now`. */
function fullYear(parts: Parts, now: number): number {
  const limit = new Date(now)
  const last = limit.getUTCFullYear() + 50
  limit.setUTCFullYear(last)
  const year = last - ((((last - Number(parts.year)) % 100) + 100) % 100)
  return (dateIn(year, parts) ?? 0) > limit.getTime() ? year - 100 : year
}

/**
 * Reads a date in one of the three forms that recipients must accept (RFC 9110 §5.6.7), in letters of either case (RFC 9111
 * §4.2). Strict otherwise: GMT only, no other space, no day that the month does not have. The name of the weekday need
 * not be the right one.
 *
 * @param now for the century of a year with two digits, in milliseconds since 1970
 * @returns milliseconds since 1970; `undefined` for everything else
 * @example parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', now) // 784_111_777_000
 */
export function parseHttpDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  for (const format of FORMATS) {
    const parts = format.exec(text)?.groups as Parts | undefined
    if (parts !== undefined) return dateIn(parts.year.length === 2 ? fullYear(parts, now) : Number(parts.year), parts)
  }
  return undefined
}

/**
 * A date as HTTP writes it, with its part of a second cut off (RFC 9110 §5.6.7).
 *
 * @param ms milliseconds since 1970, in the years 0 to 9999
 * @example formatHttpDate(784_111_777_000) // 'Sun, 06 Nov 1994 08:49:37 GMT'
 */
export const formatHttpDate = (ms: number): string => new Date(ms).toUTCString()
