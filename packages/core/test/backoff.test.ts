import { fakeClock } from '@shelflife/conformance'
import { expect, test } from 'vitest'

import { createBackoff } from '../src/backoff.ts'

function setUp() {
  const clock = fakeClock()
  return { clock, backoff: createBackoff(clock) }
}

/** How many milliseconds a key is held. */
function pauseOf({ clock, backoff }: ReturnType<typeof setUp>, key: string): number {
  let ms = 0
  for (; backoff.holds(key) && ms < 100_000; ms++) clock.advance(1)
  return ms
}

test('a key that never failed is not held', () => {
  const { backoff } = setUp()
  expect(backoff.holds('a')).toBe(false)
  backoff.failed('b')
  expect(backoff.holds('a')).toBe(false)
  expect(backoff.holds('b')).toBe(true)
})

test('the first failure holds the key for half a second to a second', () => {
  for (let i = 0; i < 100; i++) {
    const parts = setUp()
    parts.backoff.failed('a')
    const pause = pauseOf(parts, 'a')
    expect(pause).toBeGreaterThanOrEqual(500)
    expect(pause).toBeLessThanOrEqual(1000)
  }
})

test('pauses double with each failure in a row, up to 30 s, less a half at most', () => {
  const parts = setUp()
  for (const longest of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]) {
    parts.backoff.failed('a')
    const pause = pauseOf(parts, 'a')
    expect(pause).toBeGreaterThanOrEqual(longest / 2)
    expect(pause).toBeLessThanOrEqual(longest)
  }
})

test('a thousand failures in a row still end in a pause of 30 s at most', () => {
  const parts = setUp()
  for (let i = 0; i < 2000; i++) parts.backoff.failed('a')
  const pause = pauseOf(parts, 'a')
  expect(pause).toBeGreaterThanOrEqual(15_000)
  expect(pause).toBeLessThanOrEqual(30_000)
})

test('processes that failed together do not try again together', () => {
  const pauses = Array.from({ length: 50 }, () => {
    const parts = setUp()
    parts.backoff.failed('a')
    return pauseOf(parts, 'a')
  })
  expect(new Set(pauses).size).toBeGreaterThan(20)
})

test('a success ends the pause and the row', () => {
  const parts = setUp()
  for (let i = 0; i < 10; i++) parts.backoff.failed('a')
  parts.backoff.succeeded('a')
  expect(parts.backoff.holds('a')).toBe(false)
  parts.backoff.failed('a')
  expect(pauseOf(parts, 'a')).toBeLessThanOrEqual(1000)
})

test('a success of one key is none of another', () => {
  const { backoff } = setUp()
  backoff.failed('a')
  backoff.succeeded('b')
  expect(backoff.holds('a')).toBe(true)
})

test('it remembers the 1,000 keys that failed last, so memory is bounded', () => {
  const { backoff } = setUp()
  for (let i = 0; i < 1001; i++) backoff.failed(`${i}`)
  expect(backoff.holds('0')).toBe(false)
  for (let i = 1; i < 1001; i++) expect(backoff.holds(`${i}`)).toBe(true)
})

test('a key that fails again counts as one of the last', () => {
  const { backoff } = setUp()
  for (let i = 0; i < 1000; i++) backoff.failed(`${i}`)
  backoff.failed('0')
  backoff.failed('new')
  expect(backoff.holds('0')).toBe(true)
  expect(backoff.holds('1')).toBe(false)
})
