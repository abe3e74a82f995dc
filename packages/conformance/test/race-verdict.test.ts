import { expect, test } from 'vitest'

import type { RaceLog } from '../src/race.ts'
import { fencesUsedTwice, leasesHadTwice, staleReads } from '../src/race-verdict.ts'

const logOf = (seen: Partial<RaceLog>): RaceLog => ({
  invalidations: [],
  reads: [],
  stored: [],
  refused: 0,
  leases: [],
  failures: [],
  ...seen,
})

test('a read is stale when its value is from before an invalidation that was answered before it began', () => {
  const invalidations = logOf({
    invalidations: [
      ['a', 10, 20],
      ['b', 30, 40],
      ['a', 12, 18],
    ],
  })
  const stale = (...read: RaceLog['reads'][number]): boolean =>
    staleReads([logOf({ reads: [read] }), invalidations]).length > 0
  expect(stale('a', 21, 9)).toBe(true)
  expect(stale('a', 19, 11)).toBe(true)
  expect(stale('a', 15, 9)).toBe(false)
  expect(stale('a', 21, 15)).toBe(false)
  expect(stale('b', 35, 9)).toBe(false)
  expect(stale('b', 50, 29)).toBe(true)
  expect(stale('c', 50, 1)).toBe(false)
})

test('a fence is used twice when two loads were stored with it, in whatever processes', () => {
  expect(fencesUsedTwice([logOf({ stored: ['a', 'b'] }), logOf({ stored: ['c', 'a'] })])).toEqual(['a'])
})

test('a lease is had twice when it was given before its end was asked for', () => {
  expect(leasesHadTwice([logOf({ leases: [[1, 2]] }), logOf({ leases: [[2, 3]] })])).toEqual([])
  expect(leasesHadTwice([logOf({ leases: [[1, 5]] }), logOf({ leases: [[2, 3]] })])).toHaveLength(1)
})
