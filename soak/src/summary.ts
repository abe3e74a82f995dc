import type { Violation } from './check.ts'
import type { NeedlessLoad } from './inventory.ts'
import { markdownTable } from './markdown-table.ts'
import type { ServiceResult } from './service.ts'
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

function describeNeedless({ by, key, askedAt, began, proof }: NeedlessLoad): string {
  const ms = (time: number): string => `${(time - proof.resolvedAt).toFixed(3)} ms`
  const proved = `after ${proof.what} that took ${(proof.resolvedAt - proof.calledAt).toFixed(3)} ms`
  return `process ${by} loaded ${key} ${ms(began)} ${proved}, asked for after ${ms(askedAt)}`
}

/** The first violations and errors, a line each. */
export function describe({ violations, errors, startedAt, ...rest }: SoakResult | ServiceResult): string[] {
  const needless = 'needless' in rest ? rest.needless : []
  const events = 'events' in rest ? (rest.events ?? []) : []
  /** When, and since which event. */
  function after(time: number): string {
    const event = events.findLast(({ from }) => from <= time)
    const ago = event && `, ${((time - event.from) / 1000).toFixed(1)} s after the beginning of: ${event.title}`
    return `after ${((time - startedAt) / 1000).toFixed()} s${ago ?? ''}, `
  }
  const distinct = [...new Set(errors)]
  return [
    ...violations.slice(0, MOST).map((one) => `violation: ${after(one.seen.lastStart)}${describeViolation(one)}`),
    ...needless.slice(0, MOST).map((one) => `load of what was there: ${after(one.began)}${describeNeedless(one)}`),
    ...distinct.slice(0, MOST).map((one) => `error: ${one}`),
  ]
}

/** What it did and found, as a table to be pasted into the README. */
export function soakTable({ counts, damages, violations, needless, errors }: SoakResult): string {
  const found = {
    errors: errors.length,
    'loads of what was there': needless.length,
    'violations of P1': violations.length,
  }
  return markdownTable({ ...counts, ...damages, ...found })
}

/** The same of the service. */
export function serviceTable({ counts, violations, errors }: ServiceResult): string {
  const own = violations.filter(({ reader, floor }) => floor?.by === reader.id).length
  return markdownTable({
    ...counts,
    errors: errors.length,
    'answers older than a write to the same process': own,
    'answers beyond maxDrift': violations.length - own,
  })
}
