import { fakeClock } from '@shelflife/conformance'
import { describe, expect, test } from 'vitest'

import { createBackoff } from '../src/backoff.ts'

function setUp() {
  const clock = fakeClock()
  return { clock, backoff: createBackoff(clock) }
}

/** How many milliseconds a key is held. */
function pauseOf({ clock, backoff }: ReturnType<typeof setUp>, key: string): number {
  let ms = 0
  for (; backoff.holds(key, 'name') && ms < 100_000; ms++) clock.advance(1)
  return ms
}

test('a key that never failed is not held', () => {
  const { backoff } = setUp()
  expect(backoff.holds('a', 'name')).toBe(false)
  backoff.failed('b', 'name')
  expect(backoff.holds('a', 'name')).toBe(false)
  expect(backoff.holds('b', 'name')).toBe(true)
})

test('the first failure holds the key for half a second to a second', () => {
  for (let i = 0; i < 100; i++) {
    const parts = setUp()
    parts.backoff.failed('a', 'name')
    const pause = pauseOf(parts, 'a')
    expect(pause).toBeGreaterThanOrEqual(500)
    expect(pause).toBeLessThanOrEqual(1000)
  }
})

test('pauses double with each failure in a row, up to 30 s, less a half at most', () => {
  const parts = setUp()
  for (const longest of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]) {
    parts.backoff.failed('a', 'name')
    const pause = pauseOf(parts, 'a')
    expect(pause).toBeGreaterThanOrEqual(longest / 2)
    expect(pause).toBeLessThanOrEqual(longest)
  }
})

test('a thousand failures in a row still end in a pause of 30 s at most', () => {
  const parts = setUp()
  for (let i = 0; i < 2000; i++) parts.backoff.failed('a', 'name')
  const pause = pauseOf(parts, 'a')
  expect(pause).toBeGreaterThanOrEqual(15_000)
  expect(pause).toBeLessThanOrEqual(30_000)
})

test('processes that failed together do not try again together', () => {
  const pauses = Array.from({ length: 50 }, () => {
    const parts = setUp()
    parts.backoff.failed('a', 'name')
    return pauseOf(parts, 'a')
  })
  expect(new Set(pauses).size).toBeGreaterThan(20)
})

test('a success ends the pause and the row', () => {
  const parts = setUp()
  for (let i = 0; i < 10; i++) parts.backoff.failed('a', 'name')
  parts.backoff.succeeded('a', 'name')
  expect(parts.backoff.holds('a', 'name')).toBe(false)
  parts.backoff.failed('a', 'name')
  expect(pauseOf(parts, 'a')).toBeLessThanOrEqual(1000)
})

test('a success of one key is none of another', () => {
  const { backoff } = setUp()
  backoff.failed('a', 'name')
  backoff.succeeded('b', 'name')
  expect(backoff.holds('a', 'name')).toBe(true)
})

test('it remembers four mebibytes of keys, and what failed longest ago goes first', () => {
  const { backoff } = setUp()
  const key = (i: number): string => `${i}`.padStart(100, 'x')
  // each with a name of its own, so that only the keys tell
  const fail = (i: number): void => backoff.failed(key(i), `${i % 5000}`)
  const remembered = (i: number): boolean => backoff.holds(key(i), 'other')
  fail(0)
  for (let i = 1; i < 11_000; i++) fail(i)
  expect([remembered(0), remembered(1), remembered(10_999)]).toEqual([true, true, true])
  fail(0)
  for (let i = 11_000; i < 20_000; i++) fail(i)
  expect([remembered(0), remembered(1), remembered(10_999), remembered(19_999)]).toEqual([true, false, true, true])
})

test('a key of megabytes does not drive out the others', () => {
  const { backoff } = setUp()
  backoff.failed('a', 'name')
  for (const char of 'xyz') backoff.failed(char.repeat(2 ** 20), 'name')
  expect(backoff.holds('a', 'name')).toBe(true)
})

describe('of a name', () => {
  /** What is let through of `keys` reads in each of so many rounds, a tenth of a second apart. All that is let through fails. */
  function rounds({ clock, backoff }: ReturnType<typeof setUp>, keys: number, count: number, name = 'name'): number[] {
    return Array.from({ length: count }, () => {
      clock.advance(100)
      let loads = 0
      for (let key = 0; key < keys; key++) {
        if (backoff.holds(`${key}`, name)) continue
        loads++
        backoff.failed(`${key}`, name)
      }
      return loads
    })
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

  test('where nothing succeeds, some twenty loads tell, and then one or two in a second, of however many keys', () => {
    const parts = setUp()
    expect(rounds(parts, 5000, 1)).toEqual([20])
    const loads = rounds(parts, 5000, 600)
    expect(Math.max(...loads)).toBe(1)
    expect(sum(loads)).toBeGreaterThanOrEqual(55)
    expect(sum(loads)).toBeLessThanOrEqual(120)
  })

  test('another name is not held', () => {
    const parts = setUp()
    rounds(parts, 100, 10)
    for (let key = 100; key < 200; key++) expect(parts.backoff.holds(`${key}`, 'other')).toBe(false)
    expect(parts.backoff.holds('100', 'name')).toBe(true)
  })

  test('one success opens the way for all, and those that failed meanwhile wait for a second at most', () => {
    const parts = setUp()
    rounds(parts, 50, 600)
    parts.backoff.succeeded('50', 'name')
    expect(parts.backoff.holds('51', 'name')).toBe(false)
    parts.clock.advance(1000)
    for (let key = 0; key < 50; key++) expect(parts.backoff.holds(`${key}`, 'name')).toBe(false)
  })

  test('of keys that are always read in the same order any may be the one that is let through', () => {
    const parts = setUp()
    rounds(parts, 100, 5)
    const through = new Set<number>()
    for (let round = 0; round < 2000; round++) {
      parts.clock.advance(100)
      // keys of their own, so that none is held for itself
      for (let place = 0; place < 100; place++) {
        if (!parts.backoff.holds(`${round} ${place}`, 'name')) through.add(Math.floor(place / 10))
      }
    }
    expect(through.size).toBe(10)
  })

  test('keys that are known to fail tell nothing about the others', () => {
    const parts = setUp()
    const { clock, backoff } = parts
    for (let key = 0; key < 10; key++) backoff.failed(`${key}`, 'name')
    for (let second = 0; second < 60; second++) {
      clock.advance(1000)
      for (let key = 0; key < 10; key++) if (!backoff.holds(`${key}`, 'name')) backoff.failed(`${key}`, 'name')
      expect(backoff.holds('good', 'name')).toBe(false)
    }
  })

  test('who comes after ten seconds without a load is not held for what was before', () => {
    const parts = setUp()
    rounds(parts, 100, 10)
    parts.clock.advance(9000)
    expect(parts.backoff.holds('a', 'name')).toBe(false)
    expect(parts.backoff.holds('b', 'name')).toBe(true)
    parts.clock.advance(10_000)
    for (let key = 0; key < 100; key++) expect(parts.backoff.holds(`${key}`, 'name')).toBe(false)
  })

  test('failures that are far apart do not add up', () => {
    const { clock, backoff } = setUp()
    for (let key = 0; key < 200; key++) {
      clock.advance(10_000)
      backoff.failed(`${key}`, 'name')
      expect(backoff.holds('other', 'name')).toBe(false)
    }
  })
})
