import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { prepareQueries } from '../src/queries.ts'
import { berlin, fixtureDatabase, hamburg, newBerlin, percentville, potsdam } from './fixture.ts'

function fixtureQueries() {
  const db = new DatabaseSync(fixtureDatabase())
  onTestFinished(() => db.close())
  return prepareQueries(db)
}

test('nearest lists cities by their distance', () => {
  const cities = fixtureQueries().nearest({ lat: 52.52437, lon: 13.41053, limit: 3 })

  expect(cities.map(({ name }) => name)).toEqual(['Berlin', 'Potsdam', 'Hamburg'])
  expect(cities.map(({ km }) => Math.round(km))).toEqual([0, 27, 255])
})

test('nearest finds its way across the pole and to the other side of the earth', () => {
  const [farthest] = fixtureQueries().nearest({ lat: -52.52437, lon: -166.58947, limit: 5 }).slice(-1)

  expect(farthest).toMatchObject(berlin)
  expect(farthest?.km).toBeCloseTo(Math.PI * 6371, 0)
})

test('search finds a part of the name, the most populous city first', () => {
  expect(fixtureQueries().search({ q: 'berl', limit: 10 })).toEqual([berlin, newBerlin])
})

test('search stops at the limit', () => {
  expect(fixtureQueries().search({ q: 'berl', limit: 1 })).toEqual([berlin])
})

test('search takes wildcards as they are written', () => {
  const queries = fixtureQueries()

  expect(queries.search({ q: '0%', limit: 10 })).toEqual([percentville])
  expect(queries.search({ q: 'B_rlin', limit: 10 })).toEqual([])
})

test('population adds up a country', () => {
  const { population } = fixtureQueries()

  expect(population({ country: 'DE' })).toEqual([
    { country: 'DE', cities: 3, population: berlin.population + potsdam.population + hamburg.population },
  ])
  expect(population({ country: 'XX' })).toEqual([])
})

test('population lists all countries, the most populous first', () => {
  expect(
    fixtureQueries()
      .population({})
      .map(({ country }) => country),
  ).toEqual(['DE', 'US', 'FR'])
})

test('setPopulation answers with the city as it is now', () => {
  const { setPopulation, search } = fixtureQueries()

  expect(setPopulation({ id: potsdam.id, population: 200_000 })).toEqual({ ...potsdam, population: 200_000 })
  expect(search({ q: 'Potsdam', limit: 1 })).toEqual([{ ...potsdam, population: 200_000 }])
  expect(setPopulation({ id: 42, population: 200_000 })).toBeUndefined()
})
