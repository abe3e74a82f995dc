import { DatabaseSync } from 'node:sqlite'
import type { City, CountryPopulation } from '../src/cities.ts'
import { rows } from '../src/rows.ts'

/** What the callers of the demo ask for, the most popular first. */
export type Catalogue = { readonly cities: readonly CatalogueCity[]; readonly countries: readonly CountryPopulation[] }

export type CatalogueCity = City & { readonly lat: number; readonly lon: number }

const citiesSql = 'SELECT id, name, country, population, lat, lon FROM city ORDER BY population DESC, id LIMIT 100'

const countriesSql = `
  SELECT country, count(*) AS cities, sum(population) AS population
  FROM city
  GROUP BY country
  ORDER BY population DESC, country`

export function readCatalogue(file: string): Catalogue {
  const db = new DatabaseSync(file, { readOnly: true })
  const cities = rows<CatalogueCity>(db.prepare(citiesSql))
  const countries = rows<CountryPopulation>(db.prepare(countriesSql))
  db.close()
  return { cities, countries }
}
