import { describe, expect, test } from 'vitest'
import { createInventory } from '../src/inventory.ts'
import type { Invalidated } from '../src/report.ts'
import { stockKey } from '../src/stock.ts'

const key = stockKey(1)

const command = (calledAt: number, resolvedAt: number, more: Partial<Invalidated> = {}): Invalidated => ({
  what: 'invalidate',
  keys: [key],
  calledAt,
  resolvedAt,
  isDone: true,
  onlyLoaded: false,
  ...more,
})
const set = (calledAt: number, resolvedAt: number, more: Partial<Invalidated> = {}): Invalidated =>
  command(calledAt, resolvedAt, { what: 'set', set: 'any', ...more })

/** Of a load that was asked for at 100 and began at 110. */
function count(commands: readonly Invalidated[], paidAt?: number): number {
  const inventory = createInventory()
  for (const one of commands) inventory.invalidated(0, one)
  if (paidAt !== undefined) inventory.paid(0, paidAt)
  inventory.loaded(1, { key, askedAt: 100, began: 110 })
  inventory.judge(Infinity)
  return inventory.needless.length
}

describe('the inventory of the soak', () => {
  test('a load of what was set before it was asked for is counted', () => {
    expect(count([set(10, 20)])).toBe(1)
    expect(count([set(90, 101)])).toBe(0)
    expect(count([])).toBe(0)
    expect(count([set(10, 20, { isDone: false })])).toBe(0)
  })

  test('what may have come after the set, or during the read, excuses it', () => {
    expect(count([set(10, 20), command(15, 17)])).toBe(0)
    expect(count([set(10, 20), command(5, 15)])).toBe(0)
    expect(count([set(10, 20), command(30, 40)])).toBe(0)
    expect(count([set(10, 20), command(105, 200)])).toBe(0)
    expect(count([set(10, 20), set(50, 105)])).toBe(0)
  })

  test('what ended before the set, began after the load or is another set does not', () => {
    expect(count([set(10, 20), command(5, 9)])).toBe(1)
    expect(count([set(10, 20), command(110, 120)])).toBe(1)
    expect(count([set(10, 20), set(15, 25)])).toBe(1)
  })

  test('a set that an invalidation has met leaves nothing, and takes what was loaded since with it', () => {
    const inventory = createInventory()
    inventory.invalidated(0, set(10, 60))
    inventory.invalidated(0, command(20, 30))
    inventory.stored(key, { what: 'a load', calledAt: 40, resolvedAt: 50 })
    inventory.loaded(1, { key, askedAt: 100, began: 110 })
    inventory.judge(Infinity)
    expect(inventory.needless).toEqual([])
  })

  test('what is queued excuses it until its process owes nothing', () => {
    const queued = command(5, 6, { isDone: false })
    expect(count([queued, set(10, 20)])).toBe(0)
    expect(count([queued, set(10, 20)], 15)).toBe(0)
    expect(count([queued, set(10, 20)], 9)).toBe(1)
  })

  test('a hit from the remote store says that it was there', () => {
    const inventory = createInventory()
    const seen = { key, value: { key, began: 1 }, how: 'hit from remote' }
    inventory.invalidated(0, command(5, 6))
    inventory.saw({ ...seen, lastStart: 50 })
    inventory.loaded(1, { key, askedAt: 100, began: 110 })
    inventory.judge(111)
    expect(inventory.needless).toEqual([])
    inventory.saw({ ...seen, lastStart: 150, foundUntil: 160 })
    inventory.loaded(1, { key, askedAt: 200, began: 210 })
    inventory.judge(211)
    expect(inventory.needless).toMatchObject([{ by: 1, askedAt: 200, proof: { calledAt: 150 } }])
  })

  test('loads wait to be judged, and what is dropped meanwhile excuses and proves nothing more', () => {
    const inventory = createInventory()
    const load = { key, askedAt: 4, began: 20 }
    inventory.invalidated(0, set(1, 10))
    inventory.stored(key, { what: 'a hit', calledAt: 2, resolvedAt: 3 })
    inventory.loaded(1, load)
    inventory.judge(12)
    inventory.judge(30)
    // the set was under way when it was asked for
    expect(inventory.needless).toEqual([])
    inventory.loaded(1, { ...load, askedAt: 31, began: 32 })
    inventory.judge(30)
    expect(inventory.needless).toEqual([])
    inventory.judge(33)
    expect(inventory.needless).toHaveLength(1)
  })
})
