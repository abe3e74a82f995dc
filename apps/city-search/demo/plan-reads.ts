import type { Catalogue, CatalogueCity } from './catalogue.ts'
import { createRandom } from './random.ts'
import { createZipf } from './zipf.ts'

export const readNames = ['nearest', 'search', 'population'] as const

export type ReadName = (typeof readNames)[number]

export type Read = { readonly name: ReadName; readonly path: string }

export type PlanReadsOptions = { readonly catalogue: Catalogue; readonly count: number; readonly seed: number }

/** What the callers ask, in this order. The same options give the same reads. */
export function planReads({ catalogue, count, seed }: PlanReadsOptions): readonly Read[] {
  const random = createRandom(seed)
  const someCity = createZipf(catalogue.cities, random)
  const someCountry = createZipf(['', ...catalogue.countries.map(({ country }) => country)], random)

  return Array.from({ length: count }, () => {
    const kind = random()
    if (kind < 0.5) return nearestRead(someCity())
    if (kind < 0.9) return searchRead(someCity())
    return populationRead(someCountry())
  })
}

function nearestRead({ lat, lon }: CatalogueCity): Read {
  return { name: 'nearest', path: `/nearest?lat=${lat}&lon=${lon}` }
}

// What somebody has typed so far.
function searchRead({ name }: CatalogueCity): Read {
  return { name: 'search', path: `/search?q=${encodeURIComponent(name.slice(0, 4).trim())}` }
}

// An empty code asks for all countries.
function populationRead(country: string): Read {
  return { name: 'population', path: country ? `/population?country=${country}` : '/population' }
}
