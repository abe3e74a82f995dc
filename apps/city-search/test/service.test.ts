import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cachedCities } from '../src/cached-cities.ts'
import type { Cities, CitiesStats } from '../src/cities.ts'
import { createService } from '../src/service.ts'
import { sqliteCities } from '../src/sqlite-cities.ts'
import { berlin, fixtureDatabase, hamburg, newBerlin, potsdam } from './fixture.ts'

type Wrap = (cities: Cities) => Cities

const services: readonly [string, Wrap][] = [
  ['without cached()', (cities) => cities],
  ['with cached()', (cities) => cachedCities(cities)],
]

/** Starts the service on a free port. Gives a function that asks it. */
async function startService(wrap: Wrap) {
  const cities = wrap(sqliteCities(fixtureDatabase()))
  const server = createService(cities).listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await cities.close()
  })
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return async <Body = unknown>(path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init)
    return { status: response.status, body: (await response.json()) as Body }
  }
}

function put(population: unknown): RequestInit {
  return { method: 'PUT', body: JSON.stringify({ population }) }
}

describe.each(services)('the service %s', (_, wrap) => {
  test('answers', async () => {
    const ask = await startService(wrap)

    expect(await ask('/nearest?lat=52.4&lon=13.1&limit=2')).toEqual({
      status: 200,
      body: [
        { ...potsdam, km: expect.closeTo(2.3, 1) },
        { ...berlin, km: expect.closeTo(25.2, 1) },
      ],
    })
    expect(await ask('/search?q=berlin')).toEqual({ status: 200, body: [berlin, newBerlin] })
    expect(await ask('/population?country=us')).toEqual({
      status: 200,
      body: [{ country: 'US', cities: 1, population: newBerlin.population }],
    })
    expect((await ask('/population')).body).toHaveLength(3)
  })

  test.each([
    ['/nearest', 'lat must be a number from -90 to 90'],
    ['/nearest?lat=north&lon=0', 'lat must be a number from -90 to 90'],
    ['/nearest?lat=0&lon=181', 'lon must be a number from -180 to 180'],
    ['/nearest?lat=0&lon=', 'lon must be a number from -180 to 180'],
    ['/search', 'q must have 2 to 80 characters'],
    ['/search?q=%20x%20', 'q must have 2 to 80 characters'],
    ['/search?q=berlin&limit=0', 'limit must be a number from 1 to 100'],
    ['/search?q=berlin&limit=1.5', 'limit must be a whole number'],
    ['/population?country=Germany', 'country must be a code of two letters, such as DE'],
  ])('refuses %s', async (path, error) => {
    const ask = await startService(wrap)

    expect(await ask(path)).toEqual({ status: 400, body: { error } })
  })

  test.each(['{"population": -1}', '{"population": 1.5}', '{"population": "1"}', '{}', 'null', 'not json', ''])(
    'refuses to write %j',
    async (body) => {
      const ask = await startService(wrap)

      expect(await ask(`/cities/${berlin.id}/population`, { method: 'PUT', body })).toMatchObject({ status: 400 })
      expect((await ask('/search?q=Berlin&limit=1')).body).toEqual([berlin])
    },
  )

  test('refuses a body that is too long', async () => {
    const ask = await startService(wrap)

    expect(await ask('/cities/1/population', { method: 'PUT', body: ' '.repeat(2_000) })).toMatchObject({ status: 400 })
  })

  test.each(['/', '/nearest/', '/cities/1', '/cities/x/population', '//', '/search/..%2f'])(
    'knows nothing at %s',
    async (path) => {
      const ask = await startService(wrap)

      expect(await ask(path)).toMatchObject({
        status: 404,
        body: { error: expect.stringContaining('nothing at GET /') },
      })
    },
  )

  test('does not write to a city that it does not know', async () => {
    const ask = await startService(wrap)

    expect(await ask('/cities/42/population', put(1))).toMatchObject({ status: 404 })
  })

  test('shows a write in every answer that it changes', async () => {
    const ask = await startService(wrap)
    const paths = [
      '/nearest?lat=52.4&lon=13.1',
      '/search?q=POTS',
      '/search?q=ot',
      '/population?country=DE',
      '/population',
    ]
    await Promise.all(paths.map((path) => ask(path)))

    const written = await ask(`/cities/${potsdam.id}/population`, put(200_000))

    expect(written).toEqual({ status: 200, body: { ...potsdam, population: 200_000 } })
    const [nearest, search, inside, country, countries] = await Promise.all(
      paths.map((path) => ask<readonly unknown[]>(path)),
    )
    const germany = { country: 'DE', population: berlin.population + hamburg.population + 200_000 }
    expect(nearest?.body[0]).toMatchObject({ name: 'Potsdam', population: 200_000 })
    expect(search?.body).toEqual([{ ...potsdam, population: 200_000 }])
    expect(inside?.body).toEqual([{ ...potsdam, population: 200_000 }])
    expect(country?.body).toEqual([expect.objectContaining(germany)])
    expect(countries?.body[0]).toMatchObject(germany)
  })
})

test('a city that overtakes another by a write moves up in a search that did not list it', async () => {
  const ask = await startService((cities) => cachedCities(cities))
  expect((await ask('/search?q=berlin&limit=1')).body).toEqual([berlin])

  await ask(`/cities/${newBerlin.id}/population`, put(5_000_000))

  expect((await ask('/search?q=berlin&limit=1')).body).toEqual([{ ...newBerlin, population: 5_000_000 }])
})

test('a second call does not reach SQLite', async () => {
  const ask = await startService((cities) => cachedCities(cities))
  const paths = ['/nearest?lat=52.4&lon=13.1', '/search?q=berlin', '/population?country=DE', '/population']

  const first = await Promise.all(paths.map((path) => ask(path)))
  const second = await Promise.all(paths.map((path) => ask(path)))

  expect(second).toEqual(first)
  expect((await ask('/stats')).body).toMatchObject({
    sqlite: { nearest: { queries: 1 }, search: { queries: 1 }, population: { queries: 2 } },
    cache: { names: { nearest: { hits: 1 }, search: { hits: 1 }, population: { hits: 2 } } },
  })
})

test('callers who stand close to each other share an answer', async () => {
  const ask = await startService((cities) => cachedCities(cities))

  await ask('/nearest?lat=52.401&lon=13.099')
  await ask('/nearest?lon=13.1&lat=52.4&limit=10')

  expect((await ask<CitiesStats>('/stats')).body.sqlite.nearest.queries).toBe(1)
})

test('callers who ask at the same time share a query', async () => {
  const ask = await startService((cities) => cachedCities(cities))

  await Promise.all(Array.from({ length: 8 }, () => ask('/search?q=berlin')))

  expect((await ask<CitiesStats>('/stats')).body.sqlite.search.queries).toBe(1)
})

test('a write leaves the answers that it does not change', async () => {
  const ask = await startService((cities) => cachedCities(cities))
  const untouched = ['/nearest?lat=43&lon=-88&limit=1', '/search?q=berlin', '/population?country=US']
  await Promise.all(untouched.map((path) => ask(path)))

  await ask(`/cities/${potsdam.id}/population`, put(200_000))
  await Promise.all(untouched.map((path) => ask(path)))

  expect((await ask<CitiesStats>('/stats')).body.sqlite).toMatchObject({
    nearest: { queries: 1 },
    search: { queries: 1 },
    population: { queries: 1 },
  })
})

test('without cached() every call reaches SQLite', async () => {
  const ask = await startService((cities) => cities)

  await ask('/search?q=berlin')
  await ask('/search?q=berlin')

  expect((await ask('/stats')).body).toEqual({
    sqlite: expect.objectContaining({ search: expect.objectContaining({ queries: 2 }) }),
  })
})
