import { expect, test } from 'vitest'
import { clusterSoak } from '../src/cluster-soak.ts'
import { describe } from '../src/summary.ts'

test(
  'twenty seconds of everything that happens to a Cluster bring nothing old and load nothing that is there',
  { timeout: 180_000 },
  async () => {
    const result = await clusterSoak({ seconds: 20, seed: 7 })
    expect(describe(result)).toEqual([])
    for (const done of ['sets', 'invalidations of tags', 'hits, local store', 'hits, remote store'] as const) {
      expect(result.counts[done], done).toBeGreaterThan(0)
    }
    expect(result.events?.length).toBeGreaterThan(2)
  },
)

test('invalidations on a Cluster that are claimed and not made are found out', { timeout: 180_000 }, async () => {
  const { violations, needless } = await clusterSoak({ seconds: 3, seed: 8, isSabotaged: true })
  expect(violations.some(({ reader }) => reader.grace > 0)).toBe(true)
  expect(violations.some(({ reader }) => reader.grace === 0)).toBe(true)
  expect(needless.length).toBeGreaterThan(0)
})
