import { expect, test } from 'vitest'
import type { Catalogue } from '../demo/catalogue.ts'
import { planReads } from '../demo/plan-reads.ts'
import { planWrites } from '../demo/plan-writes.ts'
import { createRandom } from '../demo/random.ts'
import { createZipf } from '../demo/zipf.ts'
import { berlin, hamburg, newBerlin } from './fixture.ts'

const catalogue: Catalogue = {
  cities: [berlin, hamburg, newBerlin].map((city, index) => ({ ...city, lat: index, lon: -index })),
  countries: [
    { country: 'DE', cities: 2, population: berlin.population + hamburg.population },
    { country: 'US', cities: 1, population: newBerlin.population },
  ],
}

test('the same seed gives the same reads, another one others', () => {
  const reads = planReads({ catalogue, count: 500, seed: 7 })

  expect(reads).toHaveLength(500)
  expect(planReads({ catalogue, count: 500, seed: 7 })).toEqual(reads)
  expect(planReads({ catalogue, count: 500, seed: 8 })).not.toEqual(reads)
})

test('a longer stream begins like a shorter one', () => {
  const reads = planReads({ catalogue, count: 500, seed: 7 })

  expect(planReads({ catalogue, count: 100, seed: 7 })).toEqual(reads.slice(0, 100))
})

test('reads ask everything there is to ask', () => {
  const paths = new Set(planReads({ catalogue, count: 2_000, seed: 7 }).map(({ path }) => path))

  expect([...paths].toSorted()).toEqual([
    '/nearest?lat=0&lon=0',
    '/nearest?lat=1&lon=-1',
    '/nearest?lat=2&lon=-2',
    '/population',
    '/population?country=DE',
    '/population?country=US',
    '/search?q=Berl',
    '/search?q=Hamb',
    '/search?q=New',
  ])
})

test('the same seed gives the same writes', () => {
  const writes = planWrites({ catalogue, count: 50, seed: 7 })

  expect(planWrites({ catalogue, count: 50, seed: 7 })).toEqual(writes)
})

test('with every write a city and its country grow by the same', () => {
  const growth = 1_000
  const writes = planWrites({ catalogue, count: 50, seed: 7 })

  for (const { country, population } of catalogue.countries) {
    const sums = writes.filter((write) => write.country === country).map((write) => write.countryPopulation)
    expect(sums).toEqual(sums.map((_, index) => population + (index + 1) * growth))
  }
  for (const { id, population } of catalogue.cities) {
    const sizes = writes.filter((write) => write.id === id).map((write) => write.population)
    expect(sizes).toEqual(sizes.map((_, index) => population + (index + 1) * growth))
  }
})

test('Zipf picks the second half as often as the first, and the tenth a tenth as often', () => {
  const ranks = Array.from({ length: 10 }, (_, index) => index + 1)
  const pick = createZipf(ranks, createRandom(7))
  const picked = new Map(ranks.map((rank) => [rank, 0]))
  for (let round = 0; round < 50_000; round++) {
    const rank = pick()
    picked.set(rank, (picked.get(rank) ?? 0) + 1)
  }

  const first = picked.get(1) ?? 0
  for (const rank of ranks) expect((picked.get(rank) ?? 0) / first).toBeCloseTo(1 / rank, 1)
})
