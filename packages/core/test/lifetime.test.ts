import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Lifetime, LifetimeOptions } from '../src/lifetime.ts'
import { jittered, resolveLifetime, retention } from '../src/lifetime.ts'
import { thrown } from './thrown.ts'

const base: Lifetime = {
  ttl: 60_000,
  staleWhileRevalidate: 5000,
  staleIfError: 7000,
  jitter: 0.1,
  earlyRefresh: 0.2,
  sliding: true,
}

describe('resolveLifetime', () => {
  test('what is left out comes from the base', () => {
    expect(resolveLifetime({}, base, '')).toEqual(base)
  })

  test('every part that is stated wins on its own', () => {
    const changed = {
      ttl: 1000,
      staleWhileRevalidate: 2000,
      staleIfError: 3000,
      jitter: 0.3,
      earlyRefresh: 0.4,
      sliding: false,
    }
    for (const [name, value] of Object.entries(changed)) {
      expect(resolveLifetime({ [name]: value }, base, '')).toEqual({ ...base, [name]: value })
    }
    expect(resolveLifetime(changed, base, '')).toEqual(changed)
  })

  test('durations are given as text too', () => {
    const options = { ttl: '1h30m', staleWhileRevalidate: '30s', staleIfError: '1d' } as const
    expect(resolveLifetime(options, base, '')).toMatchObject({
      ttl: 5_400_000,
      staleWhileRevalidate: 30_000,
      staleIfError: 86_400_000,
    })
  })

  test('neither the options nor the base are changed', () => {
    const options = Object.freeze({ ttl: '1s' } as const)
    expect(resolveLifetime(options, Object.freeze({ ...base }), '').ttl).toBe(1000)
  })

  test("ttl 'none' means until invalidated, and only that does", () => {
    expect(resolveLifetime({ ttl: 'none' }, base, '').ttl).toBe(Infinity)
    for (const ttl of [0, Infinity, 'forever', '0s', null]) {
      expect(thrown(() => resolveLifetime({ ttl: ttl as never }, base, '')).code).toBe('invalid-duration')
    }
  })

  test('a stale window of 0 switches it off', () => {
    const options = { staleWhileRevalidate: 0, staleIfError: 0, jitter: 0, earlyRefresh: 0 }
    expect(resolveLifetime(options, base, '')).toEqual({ ...base, ...options })
  })

  test.each(['ttl', 'staleWhileRevalidate', 'staleIfError'] as const)(
    'a %s that is negative, NaN, infinite or of an unknown unit is refused by name',
    (name) => {
      for (const value of [-1, Number.NaN, Infinity, -Infinity, '5x', '', '1h1h']) {
        const error = thrown(() => resolveLifetime({ [name]: value } as LifetimeOptions, base, 'tiers.quotes.'))
        expect(error.code).toBe('invalid-duration')
        expect(error.message).toMatch(new RegExp(`^tiers\\.quotes\\.${name} must be `))
        expect(error.message).toContain(`received ${typeof value === 'string' ? `"${value}"` : value}`)
      }
    },
  )

  test.each(['jitter', 'earlyRefresh'] as const)('a %s that is not a share is refused by name', (name) => {
    for (const value of [-0.1, 1.1, 100, Number.NaN, Infinity]) {
      const error = thrown(() => resolveLifetime({ [name]: value }, base, 'tiers.quotes.'))
      expect(error.code).toBe('invalid-option')
      expect(error.message).toBe(`tiers.quotes.${name} must be a number from 0 to 1; received ${value}`)
    }
    for (const value of [0, 0.5, 1]) expect(resolveLifetime({ [name]: value }, base, '')[name]).toBe(value)
  })
})

describe('jittered', () => {
  const ttl = fc.double({ min: 1, max: 1e9, noNaN: true })
  const share = fc.double({ min: 0, max: 1, noNaN: true })

  test('is never longer than ttl and never shorter than the share allows', () => {
    fc.assert(
      fc.property(ttl, share, (full, jitter) => {
        const actual = jittered({ ...base, ttl: full, jitter })
        expect(actual).toBeLessThanOrEqual(full)
        expect(actual).toBeGreaterThanOrEqual(full * (1 - jitter) * (1 - Number.EPSILON))
      }),
      { numRuns: 2000 },
    )
  })

  test('spreads over the whole share', () => {
    const all = Array.from({ length: 1000 }, () => jittered({ ...base, ttl: 1000, jitter: 0.5 }))
    expect(Math.min(...all)).toBeLessThan(550)
    expect(Math.max(...all)).toBeGreaterThan(950)
  })

  test('without jitter, and without an end, there is nothing to take off', () => {
    expect(jittered({ ...base, ttl: 1000, jitter: 0 })).toBe(1000)
    expect(jittered({ ...base, ttl: Infinity, jitter: 0.5 })).toBe(Infinity)
    expect(jittered({ ...base, ttl: Infinity, jitter: 1 })).toBe(Infinity)
  })
})

describe('retention', () => {
  test('a store keeps an entry to the end of the longer window', () => {
    expect(retention({ ...base, staleWhileRevalidate: 1, staleIfError: 2 })).toBe(60_002)
    expect(retention({ ...base, staleWhileRevalidate: 3, staleIfError: 2 })).toBe(60_003)
  })

  test('a stale window shorter than ttl does not shorten the life of an entry', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (ttl, staleWhileRevalidate, staleIfError) => {
        expect(retention({ ...base, ttl, staleWhileRevalidate, staleIfError })).toBeGreaterThanOrEqual(ttl)
      }),
    )
  })

  test('what has no end is kept without end', () => {
    expect(retention({ ...base, ttl: Infinity })).toBe(Infinity)
  })
})
