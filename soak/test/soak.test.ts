import { expect, test } from 'vitest'
import { soak } from '../src/soak.ts'
import { describe } from '../src/summary.ts'

test('ten seconds of everything that can break violate nothing', { timeout: 60_000 }, async () => {
  const result = await soak({ seconds: 10, seed: 1, budget: 5000 })
  expect(describe(result)).toEqual([])
  // it has done what it is for
  const { counts, damages } = result
  for (const done of ['reads', 'loads', 'hits, local store', 'hits, remote store', 'sets'] as const) {
    expect(counts[done], done).toBeGreaterThan(0)
  }
  for (const damage of ['kills', 'tag ids deleted', 'fences deleted']) {
    expect(damages[damage], damage).toBeGreaterThan(0)
  }
})

test('ten seconds with two of four processes over HTTP violate nothing', { timeout: 60_000 }, async () => {
  const result = await soak({ seconds: 10, seed: 2, budget: 5000, isOverHttp: true })
  expect(describe(result)).toEqual([])
  expect(result.damages['faults of HTTP']).toBeGreaterThan(0)
})

test('invalidations that are claimed and not made are found out', { timeout: 60_000 }, async () => {
  const { violations } = await soak({ seconds: 2, seed: 1, budget: 5000, isSabotaged: true })
  expect(violations.length).toBeGreaterThan(0)
  expect(violations.some(({ reader }) => reader.grace > 0)).toBe(true)
  expect(violations.some(({ reader }) => reader.grace === 0)).toBe(true)
})
