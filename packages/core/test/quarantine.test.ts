import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createQuarantine } from '../src/quarantine.ts'

const commands = ['invalidate', 'expire', 'invalidateTags', 'expireTags'] as const

describe('quarantine', () => {
  test('a name is held until what it is owed was paid', () => {
    const quarantine = createQuarantine('shop')
    expect(quarantine.holds(['shop/a(1)'])).toBe(false)
    quarantine.add('invalidate', ['shop/a(1)'])
    expect(quarantine.holds(['shop/a(1)'])).toBe(true)
    expect(quarantine.holds(['shop', 'shop/a(2)'])).toBe(false)
    expect(quarantine.holds(['shop', 'shop/a(1)'])).toBe(true)
    for (const owed of quarantine.owed()) quarantine.paid(owed)
    expect(quarantine.holds(['shop/a(1)'])).toBe(false)
    expect(quarantine.size).toBe(0)
  })

  test('what is owed is paid in the order in which it came', () => {
    const quarantine = createQuarantine('shop')
    quarantine.add('expire', ['b', 'a'])
    quarantine.add('invalidateTags', ['shop#c'])
    expect(quarantine.owed()).toEqual([
      { command: 'expire', name: 'b' },
      { command: 'expire', name: 'a' },
      { command: 'invalidateTags', name: 'shop#c' },
    ])
  })

  test('what is owed twice while it is being paid is paid again', () => {
    const quarantine = createQuarantine('shop')
    quarantine.add('invalidate', ['a'])
    const [first] = quarantine.owed()
    quarantine.add('invalidate', ['a'])
    quarantine.paid(first!)
    expect(quarantine.holds(['a'])).toBe(true)
    quarantine.paid(quarantine.owed()[0]!)
    expect(quarantine.holds(['a'])).toBe(false)
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
        for (const command of order) quarantine.add(command!, ['a'])
        expect(quarantine.owed()).toEqual([{ command: hard, name: 'a' }])
      }
    }
  })

  test('more than fit become one invalidation of the whole namespace, which holds every entry of it', () => {
    const quarantine = createQuarantine('shop', { most: 3 })
    quarantine.add('invalidate', ['a', 'b', 'c'])
    expect(quarantine.size).toBe(3)
    const early = quarantine.owed()
    quarantine.add('expire', ['d'])
    expect(quarantine.owed()).toEqual([{ command: 'invalidateTags', name: 'shop' }])
    expect(quarantine.holds(['shop/a(1)', 'shop'])).toBe(true)
    for (const owed of early) quarantine.paid(owed)
    expect(quarantine.holds(['shop'])).toBe(true)
    quarantine.paid(quarantine.owed()[0]!)
    expect(quarantine.size).toBe(0)
  })

  test('1,000 names fit', () => {
    const quarantine = createQuarantine('shop')
    for (let i = 0; i < 1000; i++) quarantine.add('invalidate', [`${i}`])
    expect(quarantine.size).toBe(1000)
    quarantine.add('invalidate', ['one more'])
    expect(quarantine.size).toBe(1)
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
        const quarantine = createQuarantine('shop', { most: 3 })
        // the entry of each name has its namespace too
        const owing = new Set<string>()
        for (const { command, names, pay } of all) {
          quarantine.add(command, names)
          for (const name of names) owing.add(name)
          if (pay) {
            const first = quarantine.owed()[0]!
            quarantine.paid(first)
            if (first.name === 'shop') owing.clear()
            owing.delete(first.name)
          }
          expect(quarantine.size).toBeLessThanOrEqual(3)
          for (const name of owing) expect(quarantine.holds(['shop', name])).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
