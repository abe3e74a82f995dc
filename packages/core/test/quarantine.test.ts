import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Quarantine } from '../src/quarantine.ts'
import { createQuarantine } from '../src/quarantine.ts'

const commands = ['invalidate', 'expire', 'invalidateTags', 'expireTags'] as const

const NODE = 'node-1'

/** Names of one character that fit into this many bytes: each takes 122. */
const THREE_NAMES = 3 * 122

const namesOf = (quarantine: Quarantine): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(quarantine.owed().map(({ command, names }) => [command, names]))

function payAll(quarantine: Quarantine): void {
  const mark = quarantine.mark()
  for (const { command, names } of quarantine.owed()) quarantine.paid(command, names, mark)
}

describe('quarantine', () => {
  test('a name is held until what it is owed was paid', () => {
    const quarantine = createQuarantine('shop')
    expect(quarantine.holds(['shop/a(1)'])).toBe(false)
    quarantine.add('invalidate', ['shop/a(1)'], NODE)
    expect(quarantine.holds(['shop/a(1)'])).toBe(true)
    expect(quarantine.holds(['shop', 'shop/a(2)'])).toBe(false)
    expect(quarantine.holds(['shop', 'shop/a(1)'])).toBe(true)
    payAll(quarantine)
    expect(quarantine.holds(['shop/a(1)'])).toBe(false)
    expect(quarantine.size).toBe(0)
  })

  test('what is owed comes in lists, each in the order in which it came', () => {
    const quarantine = createQuarantine('shop')
    quarantine.add('expire', ['b', 'a'], NODE)
    quarantine.add('invalidateTags', ['shop#c'], NODE)
    quarantine.add('expire', ['d'], NODE)
    expect(namesOf(quarantine)).toEqual({ expire: ['b', 'a', 'd'], invalidateTags: ['shop#c'] })
  })

  test('what is owed again after it was sent is not paid by that', () => {
    const quarantine = createQuarantine('shop')
    quarantine.add('invalidate', ['a', 'b'], NODE)
    const mark = quarantine.mark()
    quarantine.add('invalidate', ['a'], NODE)
    quarantine.paid('invalidate', ['a', 'b'], mark)
    expect(namesOf(quarantine)).toEqual({ invalidate: ['a'] })
    payAll(quarantine)
    expect(quarantine.size).toBe(0)
  })

  test('an expiry does not pay for an invalidation; an invalidation pays for an expiry', () => {
    const quarantine = createQuarantine('shop')
    quarantine.add('invalidate', ['a'], NODE)
    quarantine.add('expire', ['b'], NODE)
    quarantine.paid('expire', ['a'], quarantine.mark())
    quarantine.paid('invalidate', ['b'], quarantine.mark())
    expect(namesOf(quarantine)).toEqual({ invalidate: ['a'] })
  })

  test('an expiry takes nothing from an invalidation, and an invalidation outweighs an expiry', () => {
    for (const [hard, soft] of [
      ['invalidate', 'expire'],
      ['invalidateTags', 'expireTags'],
    ] as const) {
      for (const order of [
        [hard, soft],
        [soft, hard],
      ]) {
        const quarantine = createQuarantine('shop')
        for (const command of order) quarantine.add(command!, ['a'], NODE)
        expect(namesOf(quarantine)).toEqual({ [hard]: ['a'] })
      }
    }
  })

  test('more than fit become one invalidation of the whole namespace, which holds every entry of it; it is said once', () => {
    const overflows: number[] = []
    const overflowed = (names: number): void => void overflows.push(names)
    const quarantine = createQuarantine('shop', { mostBytes: THREE_NAMES, overflowed })
    quarantine.add('invalidate', ['a', 'b', 'c'], NODE)
    expect(quarantine.size).toBe(3)
    quarantine.add('expire', ['d'], NODE)
    expect(namesOf(quarantine)).toEqual({ invalidateTags: ['shop'] })
    expect(quarantine.holds(['shop/a(1)', 'shop'])).toBe(true)
    quarantine.paid('invalidate', ['a', 'b', 'c'], quarantine.mark())
    expect(quarantine.holds(['shop'])).toBe(true)
    for (let i = 0; i < 10; i++) quarantine.add('invalidate', ['e', 'f', 'g', 'h'], NODE)
    expect(overflows).toEqual([4])
    payAll(quarantine)
    expect(quarantine.size).toBe(0)
    quarantine.add('invalidate', ['a', 'b', 'c', 'd'], NODE)
    expect(overflows).toEqual([4, 4])
  })

  test('what comes while the namespace is being cleared is not covered by that', () => {
    const quarantine = createQuarantine('shop', { mostBytes: THREE_NAMES })
    quarantine.add('invalidate', ['a', 'b', 'c', 'd'], NODE)
    const mark = quarantine.mark()
    quarantine.add('invalidate', ['e'], NODE)
    quarantine.paid('invalidateTags', ['shop'], mark)
    expect(quarantine.holds(['e'])).toBe(true)
  })

  test('some ten thousand names fit', () => {
    const quarantine = createQuarantine('shop')
    for (let i = 0; i < 40_000; i++) quarantine.add('invalidate', [`shop/product(${i})`], NODE)
    expect(quarantine.size).toBe(40_000)
  })

  test('whatever happens, nothing that is owed is lost and the size is bounded', () => {
    const steps = fc.array(
      fc.record({
        command: fc.constantFrom(...commands),
        names: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 3 }),
        pay: fc.boolean(),
      }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const quarantine = createQuarantine('shop', { mostBytes: THREE_NAMES })
        // the entry of each name has its namespace too
        const owing = new Set<string>()
        for (const { command, names, pay } of all) {
          quarantine.add(command, names, NODE)
          for (const name of names) owing.add(name)
          if (pay) {
            const [first] = quarantine.owed()
            const paid = first?.names ?? []
            if (first !== undefined) quarantine.paid(first.command, paid, quarantine.mark())
            if (paid.includes('shop')) owing.clear()
            for (const name of paid) owing.delete(name)
          }
          expect(quarantine.size).toBeLessThanOrEqual(3)
          for (const name of owing) expect(quarantine.holds(['shop', name])).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
