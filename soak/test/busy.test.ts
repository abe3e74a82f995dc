import { expect, test } from 'vitest'
import { soak } from '../src/soak.ts'
import { describe } from '../src/summary.ts'

test(
  'twenty seconds of crowds and stalls violate nothing and load nothing that is there',
  { timeout: 180_000 },
  async () => {
    const result = await soak({ seconds: 20, seed: 3, isBusy: true })
    expect(describe(result)).toEqual([])
    for (const done of ['bursts', 'stalls', 'sets', 'invalidations of tags', 'hits, remote store'] as const) {
      expect(result.counts[done], done).toBeGreaterThan(0)
    }
  },
)

test('invalidations that nobody is told of are found out by the loads', { timeout: 180_000 }, async () => {
  const { needless } = await soak({ seconds: 5, seed: 4, isBusy: true, isSabotaged: true })
  expect(needless.length).toBeGreaterThan(0)
})
