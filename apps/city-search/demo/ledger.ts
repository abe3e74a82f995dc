import type { Write } from './plan-writes.ts'

/** The moment a request was sent and the moment its answer was there, in ms of one clock. */
export type Span = { readonly sentAt: number; readonly receivedAt: number }

/** A number in an answer: the population of a city (by id) or of a country (by code). */
export type Claim = { readonly id?: number; readonly country: string; readonly population: number }

export type Staleness = {
  /** Numbers in answers that had been written to before. */
  readonly checked: number
  /** Those among them that showed an older state. */
  readonly stale: number
  readonly stalestMs: number
}

/**
 * Holds every answer against the writes that had been acknowledged before it was asked for. Populations only grow here,
 * so an answer is stale if it shows less than such a write. Its age is the time from the acknowledgement of the first
 * write it misses until the answer was there: the longest that it can have been out of date.
 */
export function createLedger() {
  const acknowledged = new Map<number | string, { readonly population: number; readonly at: number }[]>()
  const staleness = { checked: 0, stale: 0, stalestMs: 0 }

  function remember(subject: number | string, population: number, at: number): void {
    const writes = acknowledged.get(subject) ?? []
    acknowledged.set(subject, [...writes, { population, at }])
  }

  return {
    acknowledge({ id, population, country, countryPopulation }: Write, at: number): void {
      remember(id, population, at)
      remember(country, countryPopulation, at)
    },

    check({ id, country, population }: Claim, { sentAt, receivedAt }: Span): void {
      const due = acknowledged.get(id ?? country)?.filter(({ at }) => at < sentAt) ?? []
      if (due.length === 0) return
      staleness.checked++
      const missed = due.find((write) => write.population > population)
      if (!missed) return
      staleness.stale++
      staleness.stalestMs = Math.max(staleness.stalestMs, receivedAt - missed.at)
    },

    staleness: (): Staleness => ({ ...staleness }),
  }
}
