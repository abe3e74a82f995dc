import type { Catalogue } from './catalogue.ts'
import { createRandom } from './random.ts'
import { createZipf } from './zipf.ts'

/** A city grows, and its country with it. */
export type Write = {
  readonly id: number
  readonly population: number
  readonly country: string
  readonly countryPopulation: number
}

export type PlanWritesOptions = { readonly catalogue: Catalogue; readonly count: number; readonly seed: number }

const growth = 1_000

/** Which cities grow, one after another: mostly those that are asked for most. The same options give the same writes. */
export function planWrites({ catalogue, count, seed }: PlanWritesOptions): readonly Write[] {
  const someCity = createZipf(catalogue.cities, createRandom(seed))
  const cities = new Map(catalogue.cities.map(({ id, population }) => [id, population]))
  const countries = new Map(catalogue.countries.map(({ country, population }) => [country, population]))

  return Array.from({ length: count }, () => {
    const { id, country } = someCity()
    const population = (cities.get(id) ?? 0) + growth
    const countryPopulation = (countries.get(country) ?? 0) + growth
    cities.set(id, population)
    countries.set(country, countryPopulation)
    return { id, population, country, countryPopulation }
  })
}
