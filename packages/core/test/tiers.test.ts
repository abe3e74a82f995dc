import { createCache } from '@shelflife/core'
import { fakeClock } from '@shelflife/conformance'
import { memoryStore } from '@shelflife/memory'
import { describe, expect, test } from 'vitest'

import type { TierOptions } from '../src/tiers.ts'
import { resolveTiers, tierNamed } from '../src/tiers.ts'
import { thrown } from './thrown.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('default tiers', () => {
  test.each([
    ['realtime', SECOND, 5 * SECOND, 30 * SECOND],
    ['dynamic', MINUTE, 5 * MINUTE, HOUR],
    ['semiStatic', 15 * MINUTE, HOUR, DAY],
    ['static', 6 * HOUR, DAY, 7 * DAY],
    ['reference', 7 * DAY, 7 * DAY, 30 * DAY],
    ['manual', Infinity, 0, 0],
    ['absent', 10 * SECOND, 0, 0],
  ])('%s is as documented', (name, ttl, staleWhileRevalidate, staleIfError) => {
    expect(tierNamed(resolveTiers(), name)).toEqual({
      ttl,
      staleWhileRevalidate,
      staleIfError,
      jitter: 0.1,
      earlyRefresh: 0,
      sliding: false,
    })
  })

  test('there are no others', () => {
    expect([...resolveTiers().keys()]).toEqual([
      'realtime',
      'dynamic',
      'semiStatic',
      'static',
      'reference',
      'manual',
      'absent',
    ])
  })
})

describe('own tiers', () => {
  test('a tier that extends nothing has no stale windows', () => {
    expect(tierNamed(resolveTiers({ quotes: { ttl: '200ms' } }), 'quotes')).toEqual({
      ttl: 200,
      staleWhileRevalidate: 0,
      staleIfError: 0,
      jitter: 0.1,
      earlyRefresh: 0,
      sliding: false,
    })
  })

  test('a tier has what it states, and the rest from the one it extends', () => {
    const tiers = resolveTiers({ quotes: { extends: 'realtime', ttl: '200ms', sliding: true } })
    expect(tierNamed(tiers, 'quotes')).toEqual({ ...tierNamed(tiers, 'realtime'), ttl: 200, sliding: true })
  })

  test('a default tier that is changed keeps what the change leaves out, and the others are as they were', () => {
    const tiers = resolveTiers({ dynamic: { ttl: '2m' } })
    const before = resolveTiers()
    expect(tierNamed(tiers, 'dynamic')).toEqual({ ...tierNamed(before, 'dynamic'), ttl: 2 * MINUTE })
    for (const name of ['realtime', 'semiStatic', 'static', 'reference', 'manual', 'absent']) {
      expect(tierNamed(tiers, name)).toEqual(tierNamed(before, name))
    }
  })

  test('extending a default tier that is changed means the changed one, in whatever order they are stated', () => {
    const change: TierOptions = { ttl: '2m', jitter: 0 }
    const quick: TierOptions = { extends: 'dynamic', staleIfError: 0 }
    const expected = { ...tierNamed(resolveTiers(), 'dynamic'), ttl: 2 * MINUTE, jitter: 0, staleIfError: 0 }
    expect(tierNamed(resolveTiers({ dynamic: change, quick }), 'quick')).toEqual(expected)
    expect(tierNamed(resolveTiers({ quick, dynamic: change }), 'quick')).toEqual(expected)
  })

  test('a default tier may extend itself and then means the default', () => {
    expect(tierNamed(resolveTiers({ dynamic: { extends: 'dynamic', ttl: '2m' } }), 'dynamic')).toEqual(
      tierNamed(resolveTiers({ dynamic: { ttl: '2m' } }), 'dynamic'),
    )
  })

  test('a chain is followed to its end', () => {
    const tiers = resolveTiers({
      d: { extends: 'c', jitter: 0 },
      b: { extends: 'a', staleIfError: 3 },
      c: { extends: 'b', staleWhileRevalidate: 4 },
      a: { ttl: 1, staleIfError: 2, staleWhileRevalidate: 2 },
    })
    expect(tierNamed(tiers, 'd')).toMatchObject({ ttl: 1, staleIfError: 3, staleWhileRevalidate: 4, jitter: 0 })
  })

  test('the options are not changed', () => {
    const own = Object.freeze({ quotes: Object.freeze({ extends: 'realtime', ttl: '200ms' } as const) })
    resolveTiers(own)
    expect(own).toEqual({ quotes: { extends: 'realtime', ttl: '200ms' } })
  })

  test('names that every object inherits are names like others', () => {
    const tiers = resolveTiers({ constructor: { ttl: 1 }, toString: { extends: 'constructor' } } as never)
    expect(tierNamed(tiers, 'toString').ttl).toBe(1)
    expect(thrown(() => tierNamed(resolveTiers(), 'constructor')).code).toBe('invalid-option')
    expect(thrown(() => resolveTiers({ quotes: { extends: 'toString', ttl: 1 } })).code).toBe('invalid-option')
  })
})

describe('errors', () => {
  const known = 'realtime, dynamic, semiStatic, static, reference, manual, absent'

  test('an unknown tier is refused with all names that there are', () => {
    const error = thrown(() => tierNamed(resolveTiers({ quotes: { ttl: 1 } }), 'quote'))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(`tier must be one of ${known}, quotes; received "quote"`)
  })

  test('an unknown tier to extend is refused with the tier that names it and all names that there are', () => {
    const error = thrown(() => resolveTiers({ fast: { extends: 'quotes' }, quotes: { extends: 'realtme', ttl: 1 } }))
    expect(error.code).toBe('invalid-option')
    expect(error.message).toBe(`tiers.quotes.extends must be one of ${known}, quotes; received "realtme"`)
  })

  test('tiers that extend each other are refused with those that would do', () => {
    const two = thrown(() => resolveTiers({ a: { extends: 'b', ttl: 1 }, b: { extends: 'a', ttl: 1 } }))
    expect(two.code).toBe('invalid-option')
    expect(two.message).toBe(`tiers.b.extends must be one of ${known}, b; received "a"`)
    const behind = { start: { extends: 'a' }, a: { extends: 'b' }, b: { extends: 'c' }, c: { extends: 'a', ttl: 1 } }
    expect(thrown(() => resolveTiers(behind)).message).toBe(`tiers.c.extends must be one of ${known}, c; received "a"`)
  })

  test('a tier without ttl is refused, and so is one that extends only itself', () => {
    for (const quotes of [{}, { staleIfError: 1 }, { extends: 'quotes' }]) {
      const error = thrown(() => resolveTiers({ quotes }))
      expect(error.code).toBe('invalid-option')
      expect(error.message).toBe('tiers.quotes.ttl must be stated here or in `extends`; received undefined')
    }
  })

  test.each([0, -1, Number.NaN, '5x', '0s'])('a ttl of %j is refused with the name of the tier', (ttl) => {
    const error = thrown(() => resolveTiers({ quotes: { ttl: ttl as never } }))
    expect(error.code).toBe('invalid-duration')
    expect(error.message).toMatch(/^tiers\.quotes\.ttl must be a positive number/)
  })

  test('a share beyond 1 and a negative window are refused with the name of the tier', () => {
    expect(thrown(() => resolveTiers({ dynamic: { jitter: 2 } })).message).toBe(
      'tiers.dynamic.jitter must be a number from 0 to 1; received 2',
    )
    expect(thrown(() => resolveTiers({ dynamic: { staleIfError: -1 } })).message).toMatch(
      /^tiers\.dynamic\.staleIfError must be a number .*; received -1$/,
    )
  })
})

describe('what a tier means for entries', () => {
  test('a stale window shorter than ttl does not shorten it', async () => {
    const clock = fakeClock()
    const cache = createCache({
      namespace: 'test',
      clock,
      store: memoryStore({ clock }),
      tiers: { quotes: { ttl: '10s', staleWhileRevalidate: '1s', staleIfError: '2s', jitter: 0 } },
    })
    let loads = 0
    const load = cache.cached(async () => ++loads, { name: 'load', tier: 'quotes' })
    await load()
    clock.advance(9999)
    expect(await load.read()).toMatchObject({ value: 1, outcome: 'hit', age: 9999, tier: 'quotes' })
    clock.advance(1)
    expect(await load.read()).toMatchObject({ value: 1, outcome: 'stale', age: 10_000 })
  })

  test('what is stated beside a tier wins over it', async () => {
    const clock = fakeClock()
    const cache = createCache({ namespace: 'test', clock, store: memoryStore({ clock }) })
    const load = cache.cached(async () => 1, { name: 'load', tier: 'static', ttl: '1s', staleWhileRevalidate: 0 })
    await load()
    clock.advance(1000)
    expect(await load.read()).toMatchObject({ outcome: 'miss', tier: 'static' })
  })

  test('a tier that nobody can have is refused when the function is wrapped', () => {
    const cache = createCache({ namespace: 'test', store: memoryStore() })
    const options = { name: 'load', tier: 'semistatic' as 'semiStatic' }
    expect(thrown(() => cache.cached(async () => 1, options)).message).toContain('semiStatic')
  })
})
