import type { CacheStats } from '@shelflife/core'

/** A city as GeoNames knows it. */
export type City = {
  readonly id: number
  readonly name: string
  /** ISO 3166-1 alpha-2, such as `DE`. */
  readonly country: string
  readonly population: number
}

export type NearbyCity = City & { readonly km: number }

export type CountryPopulation = { readonly country: string; readonly cities: number; readonly population: number }

export type NearestArgs = { readonly lat: number; readonly lon: number; readonly limit: number }
export type SearchArgs = { readonly q: string; readonly limit: number }
/** Without a country: all of them. */
export type PopulationArgs = { readonly country?: string }
export type SetPopulationArgs = { readonly id: number; readonly population: number }

/** What the service needs to know about cities. `sqliteCities` asks the database, `cachedCities` remembers its answers. */
export type Cities = {
  nearest(args: NearestArgs): Promise<readonly NearbyCity[]>
  search(args: SearchArgs): Promise<readonly City[]>
  population(args: PopulationArgs): Promise<readonly CountryPopulation[]>
  /** The city as it is now, or `undefined` where there is none with this id. */
  setPopulation(args: SetPopulationArgs): Promise<City | undefined>
  stats(): CitiesStats
  close(): Promise<void>
}

export type CitiesStats = {
  /** Queries that reached SQLite, by name. */
  readonly sqlite: Readonly<Record<QueryName, QueryStats>>
  readonly cache?: CacheStats
}

export type QueryName = 'nearest' | 'search' | 'population' | 'setPopulation'

/** `ms` is the time SQLite was at work, without the time the query waited for a free thread. */
export type QueryStats = { readonly queries: number; readonly ms: number }
