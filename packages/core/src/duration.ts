import { refuseOption } from './errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd'
type Step = `${number}${Unit}`

/** Milliseconds, or text made of numbers and units: `'500ms'`, `'30s'`, `'5m'`, `'1h30m'`, `'7d'`. */
export type Duration = number | Step | `${Step}${Step}` | `${Step}${Step}${Step}`

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function parse(text: string): number {
  if (text.length > 64) return Number.NaN
  let total = 0
  let last = Infinity
  const rest = text.replaceAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g, (_, amount: string, name: string) => {
    const unit = UNITS[name] as number
    total += Number(amount) * unit
    // "30m1h" and "1h1h" are more likely a slip than meant
    const isNext = unit < last
    last = unit
    return isNext ? '' : name
  })
  return rest || !text ? Number.NaN : total
}

/** @throws ShelflifeError `invalid-duration` below `least` */
function convert(duration: Duration, option: string, least: number): number {
  const ms = typeof duration === 'string' ? parse(duration) : duration
  if (typeof ms === 'number' && ms >= least && ms < Number.MAX_SAFE_INTEGER) return ms
  const number = least > 0 ? 'a positive number' : 'a number'
  const mustBe = `${number} of milliseconds or text such as '1h30m' (ms, s, m, h, d)`
  return refuseOption(option, mustBe, duration, 'invalid-duration')
}

/**
 * A duration in milliseconds.
 *
 * @param option how the option is called, for the message
 * @throws ShelflifeError `invalid-duration` for 0, negative numbers, NaN, Infinity and unknown units
 * @example toMilliseconds('1h30m', 'ttl') // 5_400_000
 */
export const toMilliseconds = (duration: Duration, option: string): number =>
  convert(duration, option, Number.MIN_VALUE)

/** The same, with 0 for none. */
export const toPeriod = (duration: Duration, option: string): number => convert(duration, option, 0)
