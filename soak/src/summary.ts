import type { Violation } from './check.ts'
import type { SoakResult } from './soak.ts'

const MOST = 10

function describeViolation({ reader, seen, floor }: Violation): string {
  const { key, value, lastStart } = seen
  const store = reader.grace > 0 ? 'two-level' : 'remote alone'
  const who = `process ${reader.id} (${store}) read ${key}`
  if (floor === undefined) return `${who} and got ${value.key}`
  const ms = (time: number): string => `${(time - floor.calledAt).toFixed(3)} ms`
  const origin = value.set === undefined ? 'loaded' : `set as ${value.set}`
  const command = `\`${floor.what}\` of process ${floor.by}, resolved after ${ms(floor.resolvedAt)}`
  return `${who} ${ms(lastStart)} after ${command}: ${origin} at ${ms(value.began)}; ${seen.how}`
}

/** The first violations and errors, a line each. */
export function describe({ violations, errors }: SoakResult): string[] {
  const distinct = [...new Set(errors)]
  return [
    ...violations.slice(0, MOST).map((one) => `violation: ${describeViolation(one)}`),
    ...distinct.slice(0, MOST).map((one) => `error: ${one}`),
  ]
}

export function table({ counts, damages, violations, errors }: SoakResult): string {
  const rows = Object.entries({ ...counts, ...damages, errors: errors.length, 'violations of P1': violations.length })
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, number]) => `${name.padEnd(width)} ${number.toLocaleString('en').padStart(12)}`).join('\n')
}
