import { renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

// WAL lets readers go on while a city is updated. The index covers the queries by country.
const schemaSql = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE city (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    population INTEGER NOT NULL,
    lat REAL NOT NULL,
    lon REAL NOT NULL
  ) STRICT;
  CREATE INDEX city_country ON city (country, population);`

const insertSql = 'INSERT INTO city (id, name, country, population, lat, lon) VALUES (?, ?, ?, ?, ?, ?)'

const reportEvery = 1_000

export type SourceCity = {
  readonly cityId: number
  readonly name: string
  readonly country: string
  readonly population: number
  /** In this order: longitude, latitude. */
  readonly loc: { readonly coordinates: readonly [number, number] }
}

export type ImportOptions = {
  readonly file: string
  readonly cities: readonly SourceCity[]
  readonly onProgress?: (imported: number) => void
}

/** Writes a new database. The file appears under its name when it is complete, so a broken-off import leaves none. */
export function importCities({ file, cities, onProgress }: ImportOptions): void {
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  const db = new DatabaseSync(partial)
  db.exec(schemaSql)
  const insert = db.prepare(insertSql)
  db.exec('BEGIN')
  for (const [index, { cityId, name, country, population, loc }] of cities.entries()) {
    const [lon, lat] = loc.coordinates
    insert.run(cityId, name, country, population, lat, lon)
    if ((index + 1) % reportEvery === 0) onProgress?.(index + 1)
  }
  db.exec('COMMIT')
  db.close()
  renameSync(partial, file)
  onProgress?.(cities.length)
}
