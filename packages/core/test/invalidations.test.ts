import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { fakeClock } from '@shelflife/conformance'
import type { LocalEntry } from '@shelflife/core'
import { memoryStore } from '@shelflife/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Invalidations, InvalidationsInput, Verdict } from '../src/invalidations.ts'
import { createInvalidations } from '../src/invalidations.ts'
import type { Watch } from '../src/watches.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

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

/** What one name of a single character takes. */
const NAME = 82
/** The same for `other 1234`. */
const LONGER = 100

const create = (input: Partial<InvalidationsInput> = {}): Invalidations =>
  createInvalidations({ clock: fakeClock(), ...input })

const order: readonly Verdict[] = ['intact', 'expired', 'invalidated']

describe('against a model that forgets nothing', () => {
  test('what was invalidated is never intact, and what was expired never more than expired', () => {
    let checks = 0
    let exact = 0
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (all, size) => {
        run(all, create({ size: size * NAME }), (actual, expected) => {
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
        run(all, create(), (actual, expected) => {
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
        run(all, create({ size: size * NAME }), (actual, _, times) => {
          if (actual === 'expired') expect(times.expected).toContain(times.actual)
        })
      }),
      { numRuns: 3000 },
    )
  })
})

describe('one name', () => {
  test('what began before an invalidation is void, what begins after it is intact', () => {
    const invalidations = create()
    const before = invalidations.seq
    invalidations.invalidate(['shop#a'])
    const after = invalidations.seq
    expect(invalidations.check(['shop', 'shop#a'], before)).toBe('invalidated')
    expect(invalidations.check(['shop', 'shop#b'], before)).toBe('intact')
    expect(invalidations.check(['shop', 'shop#a'], after)).toBe('intact')
  })

  test('two invalidations at once count as two', () => {
    const invalidations = create()
    invalidations.invalidate(['a'])
    const between = invalidations.seq
    invalidations.invalidate(['a'])
    expect(invalidations.check(['a'], between)).toBe('invalidated')
  })

  test('an invalidation outweighs an expiry, whichever came first', () => {
    for (const first of ['a', 'b']) {
      const invalidations = create()
      const since = invalidations.seq
      if (first === 'a') invalidations.invalidate(['a'])
      invalidations.expire(['b'], 5)
      if (first === 'b') invalidations.invalidate(['a'])
      expect(invalidations.check(['a', 'b'], since)).toBe('invalidated')
      expect(invalidations.check(['b', 'a'], since)).toBe('invalidated')
    }
  })

  test('of several names that expired the earliest counts', () => {
    const invalidations = create()
    const since = invalidations.seq
    invalidations.expire(['b'], 5)
    invalidations.expire(['a'], 7)
    expect(invalidations.check(['a', 'b', 'c'], since)).toBe('expired')
    expect(invalidations.expiredAt(['a', 'b', 'c'], since)).toBe(5)
    expect(invalidations.expiredAt(['a', 'c'], since)).toBe(7)
  })

  test('every call has a number of its own, so equal numbers mean that nothing happened', () => {
    const invalidations = create()
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
    const invalidations = create()
    const before = invalidations.seq
    invalidations.forget()
    expect(invalidations.check(['a'], before)).toBe('invalidated')
    expect(invalidations.check([], before)).toBe('invalidated')
    expect(invalidations.check(['a'], invalidations.seq)).toBe('intact')
  })

  test('a gap is not forgotten when the generations change', () => {
    const invalidations = create({ size: 4 * NAME })
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
      const invalidations = create({ size: 100 * NAME })
      const before = invalidations.seq
      for (let i = 0; i < 200; i++) invalidations[type]([`other ${i}`], i)
      expect(invalidations.check(['mine'], before)).toBe('invalidated')
    }
  })

  test('what is looked at now and then stays intact through any number of invalidations of others', () => {
    const invalidations = create({ size: 100 * LONGER })
    let checked = invalidations.seq
    for (let i = 0; i < 5000; i++) {
      invalidations.invalidate([`other ${i}`])
      if (i % 90 !== 0) continue
      expect(invalidations.check(['mine', 'shop'], checked)).toBe('intact')
      checked = invalidations.seq
    }
  })

  test('an invalidation is remembered for a whole generation at least', () => {
    const invalidations = create({ size: 100 * NAME })
    const before = invalidations.seq
    invalidations.invalidate(['mine'])
    for (let i = 0; i < 98; i++) invalidations.invalidate([`other ${i}`])
    expect(invalidations.check(['mine'], before)).toBe('invalidated')
    expect(invalidations.check(['theirs'], before)).toBe('intact')
  })

  test('the same name again and again takes no more room', () => {
    const invalidations = create({ size: 10 * NAME })
    const before = invalidations.seq
    for (let i = 0; i < 1000; i++) invalidations.invalidate(['hot'])
    expect(invalidations.check(['mine'], before)).toBe('intact')
  })

  test('it is bounded, however many names are invalidated and expired, also while something runs', () => {
    const invalidations = create()
    const before = heap()
    invalidations.watch('running')
    for (let i = 0; i < 500_000; i++) {
      invalidations.invalidate([`shop/product(${i})`])
      invalidations.expire([`shop/price(${i})`], i)
    }
    expect(heap() - before).toBeLessThan(20 * 2 ** 20)
    expect(invalidations.seq).toBe(1_000_000)
  })
})

describe('copies', () => {
  const entry = (): LocalEntry => ({ value: 1, keepUntil: Infinity, tagBytes: 0 })

  /** A log that compares each copy by noting that it was looked at. */
  function watched(entries: number, size: number) {
    const local = memoryStore({ clock: fakeClock(), maxEntries: entries })
    const seen = new Map<string, number>()
    for (let i = 0; i < entries; i++) local.set(String(i), entry())
    const invalidations = create({ local, size, compare: (key) => void seen.set(key, (seen.get(key) ?? 0) + 1) })
    return { local, seen, invalidations }
  }

  test('all are compared with a full generation before it goes, each once', () => {
    const { seen, invalidations } = watched(1000, 100 * LONGER)
    const filled = (from: number, to: number): void => {
      for (let i = from; i < to; i++) invalidations.invalidate([`other ${1000 + i}`])
    }
    const before = invalidations.seq
    filled(0, 100)
    expect(seen.size).toBe(0)
    filled(100, 199)
    expect(seen.size).toBe(1000)
    expect(new Set(seen.values())).toEqual(new Set([1]))
    expect(invalidations.check(['mine'], before)).toBe('intact')
    filled(199, 200)
    expect(invalidations.check(['mine'], before)).toBe('invalidated')
  })

  test('no invalidation compares more than its share of them', () => {
    const { seen, invalidations } = watched(100_000, 1000 * LONGER)
    for (let i = 0, last = 0; i < 2000; i++) {
      invalidations.invalidate([`other ${1000 + i}`])
      expect(seen.size - last).toBeLessThanOrEqual(2 * 100 + 1)
      last = seen.size
    }
    expect(seen.size).toBe(100_000)
  })

  test('being compared is no use: what nobody reads goes first all the same', () => {
    const { local, seen, invalidations } = watched(10, NAME)
    const evicted: string[] = []
    local.onEvict(({ key }) => void evicted.push(key))
    for (let i = 0; i < 100; i++) invalidations.expire([String(i % 10)], 1)
    expect(seen.size).toBe(10)
    for (let i = 10; i < 20; i++) local.set(String(i), entry())
    expect(evicted).toEqual(Array.from({ length: 10 }, (_, i) => String(i)))
  })
})

describe('what runs', () => {
  test('for a key that is invalidated is void, what begins after that is not, and what runs for others is not', () => {
    const invalidations = create()
    const [one, same, other] = ['a', 'a', 'b'].map((key) => invalidations.watch(key)) as [Watch, Watch, Watch]
    invalidations.end(same)
    invalidations.fence(['a', 'unknown'])
    const later = invalidations.watch('a')
    expect([one, same, other, later].map((watch) => invalidations.isIntact(watch, []))).toEqual([
      false,
      false,
      true,
      true,
    ])
    invalidations.end(one)
    invalidations.fence(['a'])
    expect(invalidations.isIntact(later, [])).toBe(false)
    invalidations.renew(later)
    expect(invalidations.isIntact(later, [])).toBe(true)
    invalidations.fence(['a'])
    expect(invalidations.isIntact(later, [])).toBe(false)
  })

  test('is void with its tags too, and what it is renewed for is what comes after that', () => {
    const invalidations = create()
    const watch = invalidations.watch('key')
    invalidations.invalidate(['a'])
    invalidations.expire(['b'], 1)
    for (const tag of ['a', 'b']) expect(invalidations.isIntact(watch, ['c', tag])).toBe(false)
    expect(invalidations.isIntact(watch, ['c'])).toBe(true)
    invalidations.renew(watch)
    expect(invalidations.isIntact(watch, ['a', 'b', 'c'])).toBe(true)
  })

  test('does not mind a million invalidations of other keys, which leave nothing and make no copy dearer', () => {
    const invalidations = create()
    const watch = invalidations.watch('mine')
    const { seq } = invalidations
    const before = heap()
    for (let i = 0; i < 1_000_000; i++) {
      const other = invalidations.watch(`other ${i}`)
      invalidations.fence([`other ${i}`])
      if (i % 2 === 0) invalidations.renew(other)
      invalidations.end(other)
    }
    expect(heap() - before).toBeLessThan(2 ** 20)
    expect(invalidations.seq).toBe(seq)
    expect(invalidations.isIntact(watch, ['a tag'])).toBe(true)
  })

  test.each(['invalidate', 'expire'] as const)(
    'keeps the tags since it began, for what it is told late (%s)',
    (type) => {
      const invalidations = create({ size: 100 * LONGER })
      const first = invalidations.watch('first')
      invalidations[type](['mine'], 1)
      for (let i = 0; i < 150; i++) invalidations[type]([`other ${1000 + i}`], i)
      const second = invalidations.watch('second')
      for (let i = 150; i < 195; i++) invalidations[type]([`other ${1000 + i}`], i)
      expect(invalidations.isIntact(first, ['mine'])).toBe(false)
      expect(invalidations.isIntact(first, ['theirs'])).toBe(true)
      expect(invalidations.isIntact(second, ['mine'])).toBe(true)
    },
  )

  test('is void rather than trusted when that would take too much, the oldest first', () => {
    const invalidations = create({ size: 100 * LONGER })
    let count = 1000
    const others = (many: number): void => {
      for (let i = 0; i < many; i++) invalidations.invalidate([`other ${count++}`])
    }
    others(50)
    const first = invalidations.watch('first')
    others(60)
    const second = invalidations.watch('second')
    others(200)
    expect(invalidations.isIntact(first, [])).toBe(false)
    expect(invalidations.isIntact(second, [])).toBe(true)
    others(200)
    expect(invalidations.isIntact(second, [])).toBe(false)
    expect(invalidations.isIntact(invalidations.watch('third'), [])).toBe(true)
  })

  test('and is never heard of again is given up when something else begins', () => {
    const clock = fakeClock()
    const invalidations = create({ clock })
    const lost: string[] = []
    const drop = (key: string, until: number): Watch =>
      invalidations.watch(key, { until: clock.now() + until, lost: () => void lost.push(key) })
    const watches = [drop('a', 1000), drop('a', 2000), drop('b', 1000), drop('ended', 500)] as const
    invalidations.end(watches[3])
    clock.advance(1500)
    invalidations.watch('c')
    expect(lost).toEqual(['a'])
    clock.advance(500)
    invalidations.watch('c')
    expect(lost).toEqual(['a', 'a', 'b'])
    for (const watch of watches) {
      invalidations.renew(watch)
      expect(invalidations.isIntact(watch, [])).toBe(false)
      invalidations.end(watch)
    }
    expect(invalidations.isIntact(invalidations.watch('a'), [])).toBe(true)
  })
})
