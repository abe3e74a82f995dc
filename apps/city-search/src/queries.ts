import type { DatabaseSync } from 'node:sqlite'
import type {
  City,
  CountryPopulation,
  NearbyCity,
  NearestArgs,
  PopulationArgs,
  SearchArgs,
  SetPopulationArgs,
} from './cities.ts'
import { rows } from './rows.ts'

// The haversine formula, for every row: a plain index cannot order by distance.
const nearestSql = `
  SELECT id, name, country, population,
    2 * 6371 * asin(min(1, sqrt(
      pow(sin(radians(lat - :lat) / 2), 2) +
      cos(radians(:lat)) * cos(radians(lat)) * pow(sin(radians(lon - :lon) / 2), 2)
    ))) AS km
  FROM city
  ORDER BY km
  LIMIT :limit`

// A pattern that starts with % needs every row too.
const searchSql = `
  SELECT id, name, country, population
  FROM city
  WHERE name LIKE :pattern ESCAPE '\\'
  ORDER BY population DESC, id
  LIMIT :limit`

const countrySql = `
  SELECT country, count(*) AS cities, sum(population) AS population
  FROM city
  WHERE country = :country
  GROUP BY country`

const countriesSql = `
  SELECT country, count(*) AS cities, sum(population) AS population
  FROM city
  GROUP BY country
  ORDER BY population DESC`

const setPopulationSql = `
  UPDATE city SET population = :population
  WHERE id = :id
  RETURNING id, name, country, population`

/** The queries, prepared once per connection. They are synchronous, as all of `node:sqlite` is. */
export function prepareQueries(db: DatabaseSync) {
  const nearest = db.prepare(nearestSql)
  const search = db.prepare(searchSql)
  const country = db.prepare(countrySql)
  const countries = db.prepare(countriesSql)
  const setPopulation = db.prepare(setPopulationSql)

  return {
    nearest: ({ lat, lon, limit }: NearestArgs) => rows<NearbyCity>(nearest, { lat, lon, limit }),
    search: ({ q, limit }: SearchArgs) => rows<City>(search, { pattern: `%${escapeLike(q)}%`, limit }),
    population: (args: PopulationArgs) =>
      args.country === undefined
        ? rows<CountryPopulation>(countries)
        : rows<CountryPopulation>(country, { country: args.country }),
    setPopulation: ({ id, population }: SetPopulationArgs) => rows<City>(setPopulation, { id, population })[0],
  }
}

export type Queries = ReturnType<typeof prepareQueries>

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
