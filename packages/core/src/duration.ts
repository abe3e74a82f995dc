import { ShelflifeError, shown } from './errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd'
type Step = `${number}${Unit}`

/** Milliseconds, or text made of numbers and units: `'500ms'`, `'30s'`, `'5m'`, `'1h30m'`, `'7d'`. */
export type Duration = number | Step | `${Step}${Step}` | `${Step}${Step}${Step}`

const UNITS: Readonly<Record<Unit, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const TEXT = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/
const STEPS = /(\d+(?:\.\d+)?)(ms|[smhd])/g

function parse(text: string): number {
  if (text.length > 64 || !TEXT.test(text)) return Number.NaN
  let total = 0
  let last = Infinity
  for (const [, amount, name] of text.matchAll(STEPS)) {
    const unit = UNITS[name as Unit]
    // "30m1h" and "1h1h" are more likely a slip than meant
    if (unit >= last) return Number.NaN
    last = unit
    total += Number(amount) * unit
  }
  return total
}

/**
 * A duration in milliseconds.
 *
 * @param option how the option is called, for the message
 * @throws ShelflifeError `invalid-duration` for 0, negative numbers, NaN, Infinity and unknown units
 * @example toMilliseconds('1h30m', 'ttl') // 5_400_000
 */
export function toMilliseconds(duration: Duration, option: string): number {
  const ms = typeof duration === 'string' ? parse(duration) : duration
  if (typeof ms === 'number' && ms > 0 && ms < Number.MAX_SAFE_INTEGER) return ms
  throw new ShelflifeError(
    'invalid-duration',
    `${option} must be a positive number of milliseconds or text such as '30s' or '1h30m' (units ms, s, m, h, d); received ${shown(duration)}`,
  )
}
