import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Invalidations, Verdict } from '../src/invalidations.ts'
import { createInvalidations } from '../src/invalidations.ts'

type Step =
  | { readonly do: 'invalidate' | 'expire' | 'check'; readonly names: readonly string[]; readonly back: number }
  | { readonly do: 'forget' }

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 3 })
const steps = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        do: fc.constantFrom('invalidate' as const, 'expire' as const, 'check' as const),
        names,
        back: fc.nat({ max: 30 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'forget' } as const) },
  ),
  { maxLength: 60 },
)

/** Everything that ever happened, kept for ever. */
function createModel() {
  const log: { readonly seq: number; readonly at: number; readonly step: Step }[] = []

  function happened(type: Step['do'], asked: readonly string[], since: number): number[] {
    return log
      .filter(({ seq, step }) => seq > since && step.do === type)
      .filter(({ step }) => step.do === 'forget' || step.names.some((name) => asked.includes(name)))
      .map(({ at }) => at)
  }

  return {
    log,
    happened,
    verdict(asked: readonly string[], since: number): Verdict {
      if (happened('forget', asked, since).length > 0) return 'invalidated'
      if (happened('invalidate', asked, since).length > 0) return 'invalidated'
      return happened('expire', asked, since).length > 0 ? 'expired' : 'intact'
    },
  }
}

/** Runs the steps against both; `compare` sees each check. */
function run(
  all: readonly Step[],
  invalidations: Invalidations,
  compare: (actual: Verdict, expected: Verdict, times: { actual: number; expected: readonly number[] }) => void,
): void {
  const model = createModel()
  const noted = [invalidations.seq]
  for (const [at, step] of all.entries()) {
    if (step.do === 'check') {
      const since = noted[Math.max(0, noted.length - 1 - step.back)]!
      const actual = invalidations.check(step.names, since)
      const expected = model.happened('expire', step.names, since)
      compare(actual, model.verdict(step.names, since), {
        actual: actual === 'expired' ? invalidations.expiredAt(step.names, since) : Number.NaN,
        expected,
      })
      continue
    }
    if (step.do === 'invalidate') invalidations.invalidate(step.names)
    else if (step.do === 'expire') invalidations.expire(step.names, at)
    else invalidations.forget()
    noted.push(invalidations.seq)
    model.log.push({ seq: invalidations.seq, at, step })
  }
}

const order: readonly Verdict[] = ['intact', 'expired', 'invalidated']

describe('against a model that forgets nothing', () => {
  test('what was invalidated is never intact, and what was expired never more than expired', () => {
    let checks = 0
    let exact = 0
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (all, size) => {
        run(all, createInvalidations(size), (actual, expected) => {
          checks++
          if (actual === expected) exact++
          expect(order.indexOf(actual), `${actual} instead of ${expected}`).toBeGreaterThanOrEqual(
            order.indexOf(expected),
          )
        })
      }),
      { numRuns: 5000 },
    )
    // saying "invalidated" to everything would pass as well
    expect(exact / checks).toBeGreaterThan(0.5)
  })

  test('while everything fits, every verdict is exact', () => {
    const seen = new Set<Verdict>()
    fc.assert(
      fc.property(steps, (all) => {
        run(all, createInvalidations(), (actual, expected) => {
          seen.add(expected)
          expect(actual).toBe(expected)
        })
      }),
      { numRuns: 3000 },
    )
    expect([...seen].toSorted()).toEqual(['expired', 'intact', 'invalidated'])
  })

  test('the moment of an expiry is one at which it was expired', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 100 }), (all, size) => {
        run(all, createInvalidations(size), (actual, _, times) => {
          if (actual === 'expired') expect(times.expected).toContain(times.actual)
        })
      }),
      { numRuns: 3000 },
    )
  })
})

describe('one name', () => {
  test('what began before an invalidation is void, what begins after it is intact', () => {
    const invalidations = createInvalidations()
    const before = invalidations.seq
    invalidations.invalidate(['shop#a'])
    const after = invalidations.seq
    expect(invalidations.check(['shop', 'shop#a'], before)).toBe('invalidated')
    expect(invalidations.check(['shop', 'shop#b'], before)).toBe('intact')
    expect(invalidations.check(['shop', 'shop#a'], after)).toBe('intact')
  })

  test('two invalidations at once count as two', () => {
    const invalidations = createInvalidations()
    invalidations.invalidate(['a'])
    const between = invalidations.seq
    invalidations.invalidate(['a'])
    expect(invalidations.check(['a'], between)).toBe('invalidated')
  })

  test('an invalidation outweighs an expiry, whichever came first', () => {
    for (const first of ['a', 'b']) {
      const invalidations = createInvalidations()
      const since = invalidations.seq
      if (first === 'a') invalidations.invalidate(['a'])
      invalidations.expire(['b'], 5)
      if (first === 'b') invalidations.invalidate(['a'])
      expect(invalidations.check(['a', 'b'], since)).toBe('invalidated')
      expect(invalidations.check(['b', 'a'], since)).toBe('invalidated')
    }
  })

  test('of several names that expired the earliest counts', () => {
    const invalidations = createInvalidations()
    const since = invalidations.seq
    invalidations.expire(['b'], 5)
    invalidations.expire(['a'], 7)
    expect(invalidations.check(['a', 'b', 'c'], since)).toBe('expired')
    expect(invalidations.expiredAt(['a', 'b', 'c'], since)).toBe(5)
    expect(invalidations.expiredAt(['a', 'c'], since)).toBe(7)
  })

  test('every call has a number of its own, so equal numbers mean that nothing happened', () => {
    const invalidations = createInvalidations()
    const seen = [invalidations.seq]
    invalidations.invalidate(['a'])
    seen.push(invalidations.seq)
    invalidations.expire(['a'], 1)
    seen.push(invalidations.seq)
    invalidations.forget()
    seen.push(invalidations.seq)
    invalidations.invalidate([])
    seen.push(invalidations.seq)
    expect(new Set(seen).size).toBe(5)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
})

describe('lost messages', () => {
  test('everything that began before a gap is void, whatever it is called', () => {
    const invalidations = createInvalidations()
    const before = invalidations.seq
    invalidations.forget()
    expect(invalidations.check(['a'], before)).toBe('invalidated')
    expect(invalidations.check([], before)).toBe('invalidated')
    expect(invalidations.check(['a'], invalidations.seq)).toBe('intact')
  })

  test('a gap is not forgotten when the generations change', () => {
    const invalidations = createInvalidations(4)
    invalidations.invalidate(['a'])
    const before = invalidations.seq
    invalidations.invalidate(['b'])
    invalidations.forget()
    for (let i = 0; i < 20; i++) {
      invalidations.invalidate([`other ${i}`])
      expect(invalidations.check(['mine'], before), `after ${i + 1} more`).toBe('invalidated')
    }
  })
})

describe('memory', () => {
  test('what has not been looked at for two generations is void rather than trusted', () => {
    for (const type of ['invalidate', 'expire'] as const) {
      const invalidations = createInvalidations(100)
      const before = invalidations.seq
      for (let i = 0; i < 200; i++) invalidations[type]([`other ${i}`], i)
      expect(invalidations.check(['mine'], before)).toBe('invalidated')
    }
  })

  test('what is looked at now and then stays intact through any number of invalidations of others', () => {
    const invalidations = createInvalidations(100)
    let checked = invalidations.seq
    for (let i = 0; i < 5000; i++) {
      invalidations.invalidate([`other ${i}`])
      if (i % 90 !== 0) continue
      expect(invalidations.check(['mine', 'shop'], checked)).toBe('intact')
      checked = invalidations.seq
    }
  })

  test('an invalidation is remembered for a whole generation at least', () => {
    const invalidations = createInvalidations(100)
    const before = invalidations.seq
    invalidations.invalidate(['mine'])
    for (let i = 0; i < 98; i++) invalidations.invalidate([`other ${i}`])
    expect(invalidations.check(['mine'], before)).toBe('invalidated')
    expect(invalidations.check(['theirs'], before)).toBe('intact')
  })

  test('the same name again and again takes no more room', () => {
    const invalidations = createInvalidations(10)
    const before = invalidations.seq
    for (let i = 0; i < 1000; i++) invalidations.invalidate(['hot'])
    expect(invalidations.check(['mine'], before)).toBe('intact')
  })

  test('it is bounded, however many names are invalidated and expired', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const invalidations = createInvalidations()
    const heap = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const before = heap()
    for (let i = 0; i < 500_000; i++) {
      invalidations.invalidate([`shop/product(${i})`])
      invalidations.expire([`shop/price(${i})`], i)
    }
    expect(heap() - before).toBeLessThan(20 * 2 ** 20)
    expect(invalidations.seq).toBe(1_000_000)
  })
})
