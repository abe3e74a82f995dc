import type { NearestArgs, PopulationArgs, SearchArgs, SetPopulationArgs } from './cities.ts'
import { RequestError } from './request-error.ts'

const maxLimit = 100
const maxSearchLength = 80

// Two decimals are about a kilometre: callers who stand close to each other share one answer, and one cache entry.
export function nearestArgs(query: URLSearchParams): NearestArgs {
  return {
    lat: roundTo2(numberIn(query, 'lat', { min: -90, max: 90 })),
    lon: roundTo2(numberIn(query, 'lon', { min: -180, max: 180 })),
    limit: limitIn(query),
  }
}

export function searchArgs(query: URLSearchParams): SearchArgs {
  const q = query.get('q')?.trim() ?? ''
  if (q.length < 2 || q.length > maxSearchLength) {
    throw new RequestError(400, `q must have 2 to ${maxSearchLength} characters`)
  }
  return { q, limit: limitIn(query) }
}

export function populationArgs(query: URLSearchParams): PopulationArgs {
  const country = query.get('country')?.toUpperCase()
  if (country === undefined) return {}
  if (!/^[A-Z]{2}$/.test(country)) throw new RequestError(400, 'country must be a code of two letters, such as DE')
  return { country }
}

export function setPopulationArgs(id: string | undefined, body: unknown): SetPopulationArgs {
  const population = typeof body === 'object' && body !== null && 'population' in body ? body.population : undefined
  if (typeof population !== 'number' || !Number.isSafeInteger(population) || population < 0) {
    throw new RequestError(400, 'the body must be JSON such as {"population": 3645000}, a whole number of at least 0')
  }
  return { id: Number(id), population }
}

function limitIn(query: URLSearchParams): number {
  const limit = query.has('limit') ? numberIn(query, 'limit', { min: 1, max: maxLimit }) : 10
  if (!Number.isInteger(limit)) throw new RequestError(400, 'limit must be a whole number')
  return limit
}

function numberIn(query: URLSearchParams, name: string, { min, max }: { min: number; max: number }): number {
  const text = query.get(name)?.trim()
  const number = Number(text)
  if (!text || !(number >= min && number <= max)) {
    throw new RequestError(400, `${name} must be a number from ${min} to ${max}`)
  }
  return number
}

function roundTo2(number: number): number {
  return Math.round(number * 100) / 100
}
