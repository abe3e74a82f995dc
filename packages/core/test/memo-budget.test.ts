import { expect, test } from 'vitest'

import type { Memo } from '../src/memo-budget.ts'
import { createMemoBudget } from '../src/memo-budget.ts'

interface Watched extends Memo {
  cleared: number
}

function memo(): Watched {
  const watched: Watched = { bytes: 0, cleared: 0, clear: () => void watched.cleared++ }
  return watched
}

test('when the room is used up, what holds most is emptied, and nothing else', () => {
  const budget = createMemoBudget(100_000)
  const [small, large, growing] = [memo(), memo(), memo()]
  budget.grew(small, 10_000)
  budget.grew(large, 60_000)
  for (let i = 0; i < 40; i++) budget.grew(growing, 1000)
  expect([small, large, growing].map(({ cleared }) => cleared)).toEqual([0, 1, 0])
  expect(large.bytes).toBe(0)
  expect(growing.bytes).toBeGreaterThan(40_000)
})

test('of many that are alike a quarter is emptied at once', () => {
  const budget = createMemoBudget(100_000)
  const memos = Array.from({ length: 100 }, memo)
  for (let i = 0; i < 12; i++) for (const each of memos) budget.grew(each, 100)
  const cleared = memos.filter((each) => each.cleared > 0).length
  expect(cleared).toBeGreaterThan(20)
  expect(memos.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100_000)
})

test('a memo that is emptied has room again', () => {
  const budget = createMemoBudget(10_000)
  const only = memo()
  for (let i = 0; i < 100; i++) {
    budget.grew(only, 5000)
    budget.empty(only)
  }
  // once each time that it was asked for
  expect(only.cleared).toBe(100)
  budget.grew(only, 20_000)
  expect(only.cleared).toBe(101)
})
