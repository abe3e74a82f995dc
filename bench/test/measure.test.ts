import { expect, test } from 'vitest'

import { median, quantile } from '../src/measure/median.ts'
import { createRandom } from '../src/measure/random.ts'
import { standings } from '../src/measure/ratios.ts'
import { inRounds, rotated } from '../src/measure/rounds.ts'
import { createZipf } from '../src/measure/zipf.ts'

test('the median is the middle one, or the mean of the two in the middle', () => {
  expect(median([30, 1, 2])).toBe(2)
  expect(median([4, 1, 30, 2])).toBe(3)
  expect(median([])).toBeNaN()
})

test('a quantile lies between its neighbours', () => {
  expect(quantile([0, 10, 20, 30, 40], 0.9)).toBeCloseTo(36)
  expect(quantile([5], 0.99)).toBe(5)
})

test('a ratio is taken within its round, so a slow round changes none', () => {
  const rounds = new Map([
    ['by hand', [100, 1000, 100]],
    ['other', [200, 2000, 200]],
  ])
  expect(standings(rounds, 'by hand')).toEqual([
    { name: 'by hand', figure: 100, ratio: 1 },
    { name: 'other', figure: 200, ratio: 2 },
  ])
})

test('without a baseline there is no ratio', () => {
  const [only] = standings(new Map([['other', [1, 2, 3]]]), 'by hand')
  expect(only).toEqual({ name: 'other', figure: 2, ratio: Number.NaN })
})

test('everyone is measured once a round, first in turns, and rounds that warm up do not count', async () => {
  const order: string[] = []
  const rounds = await inRounds(['a', 'b', 'c'], { rounds: 3, warmUp: 2 }, async (name) => order.push(name))
  expect(order.join('')).toBe('abcbcacababcbca')
  expect([...rounds.values()].map((figures) => figures.length)).toEqual([3, 3, 3])
  expect(Math.min(...[...rounds.values()].flat())).toBe(7)
  expect(rotated([1, 2, 3], 4)).toEqual([2, 3, 1])
})

test('random numbers are the same in every run, and spread evenly', () => {
  const [one, other] = [createRandom(7), createRandom(7)]
  const numbers = Array.from({ length: 10_000 }, () => one())
  expect(numbers.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => other()))
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(median(numbers)).toBeCloseTo(0.5, 1)
})

test('keys come as often as Zipf says, and none is out of bounds', () => {
  const size = 1000
  const next = createZipf(size, 1, createRandom(1))
  const counts = new Uint32Array(size)
  const draws = 200_000
  for (let i = 0; i < draws; i++) counts[next()]!++
  const harmonic = Array.from({ length: size }, (_, i) => 1 / (i + 1)).reduce((sum, share) => sum + share, 0)
  for (const rank of [0, 1, 9, 99]) {
    const due = draws / ((rank + 1) * harmonic)
    expect(counts[rank]! / due).toBeGreaterThan(0.8)
    expect(counts[rank]! / due).toBeLessThan(1.2)
  }
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(draws)
})

test('the ends of a random number are the first and the last key', () => {
  expect(createZipf(10, 1, () => 0)()).toBe(0)
  expect(createZipf(10, 1, () => 1 - Number.EPSILON)()).toBe(9)
})
