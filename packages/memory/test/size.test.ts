import { describe, expect, test } from 'vitest'

import { sizeOf } from '../src/size.ts'
import { runChild } from './run-child.ts'

interface Growth {
  readonly estimated: number
  readonly real: number
}

describe('estimated sizes', async () => {
  const printed = await runChild('heap-growth', { flags: ['--expose-gc'], timeout: 120_000 })
  const growth = JSON.parse(printed) as Record<string, Growth>

  for (const [kind, { estimated, real }] of Object.entries(growth)) {
    test(`${kind}: between half and twice what the heap grows by`, () => {
      expect(estimated / real).toBeGreaterThan(1 / 2)
      expect(estimated / real).toBeLessThan(2)
    })
  }
})

describe('sizeOf', () => {
  test('ends for cycles and counts what is shared once', () => {
    const shared = 'x'.repeat(1000)
    const node: Record<string, unknown> = { shared: { shared } }
    node['self'] = node
    node['again'] = node['shared']
    // the first of their shapes
    sizeOf(node)
    expect(sizeOf(node)).toBeLessThan(1300)
    expect(sizeOf(new Map([[node, new Set([node])]]))).toBeLessThan(1500)
  })

  test('counts names that an object has for itself, and not those of others that are made alike', () => {
    const object = (of: string): object => Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${of}-${i}`, i]))
    const alike = sizeOf((sizeOf(object('name')), object('name')))
    for (const of of ['a', 'b', 'c']) expect(sizeOf(object(`name of ${of}`))).toBeGreaterThan(alike + 8 * 60)
    expect(sizeOf(object('name'))).toBe(alike)
  })

  test('does not walk through millions of objects', () => {
    const million = Array.from({ length: 1_000_000 }, () => ({ a: 1 }))
    const start = performance.now()
    const size = sizeOf(million)
    const took = performance.now() - start
    expect(size).toBeGreaterThan(20_000_000)
    expect(size).toBeLessThan(200_000_000)
    expect(took).toBeLessThan(1000)
  })

  test('takes values that are deeper than the stack', () => {
    let deep: unknown = null
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(sizeOf(deep)).toBeGreaterThan(100_000)
  })

  test('does not take many objects for more than they are when it comes to them last', () => {
    const few = Array.from({ length: 9990 }, () => ({ a: 1 }))
    const many = Array.from({ length: 100_000 }, () => ({ a: 1 }))
    const real = (few.length + many.length) * 64
    expect(sizeOf([many, ...few])).toBeGreaterThan(real / 8)
    expect(sizeOf([many, ...few])).toBeLessThan(real * 8)
  })

  test('is a number from 0 for anything', () => {
    const values = [
      undefined,
      null,
      true,
      NaN,
      Symbol('a'),
      () => 1,
      new WeakMap(),
      Object.create(null),
      new Error('a'),
    ]
    for (const value of values) expect(sizeOf(value)).toBeGreaterThanOrEqual(0)
  })
})
