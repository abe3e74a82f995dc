import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Entry, EntryInput } from '../src/entry.ts'
import { createEntry, expireEntry, phaseOf, servesErrors, slide } from '../src/entry.ts'
import type { Lifetime } from '../src/lifetime.ts'

const NOW = 10_000
const limits = { maxLifetime: Infinity, maxDrift: Infinity }

function entryWith(lifetime: Partial<Lifetime>, input: Partial<EntryInput> = {}): Entry {
  const complete = {
    ttl: 1000,
    staleWhileRevalidate: 300,
    staleIfError: 500,
    jitter: 0,
    earlyRefresh: 0,
    sliding: false,
    ...lifetime,
  }
  return createEntry({
    value: 'value',
    copied: false,
    name: 'name',
    tier: 'dynamic',
    lifetime: complete,
    createdAt: NOW,
    freshUntil: NOW + complete.ttl,
    confirmedAt: NOW,
    cost: 5,
    tags: ['shop'],
    checked: 3,
    ...limits,
    ...input,
  })
}

const milliseconds = fc.nat({ max: 10_000 })
const lifetimes = fc.record({
  ttl: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constant(Infinity)),
  staleWhileRevalidate: milliseconds,
  staleIfError: milliseconds,
  earlyRefresh: fc.constantFrom(0, 0.1, 0.5, 1),
  sliding: fc.boolean(),
})

describe('phases', () => {
  test('an entry is fresh until its ttl ends, stale through the window after it, then expired', () => {
    const entry = entryWith({})
    expect(phaseOf(entry, NOW)).toBe('fresh')
    expect(phaseOf(entry, NOW + 999)).toBe('fresh')
    expect(phaseOf(entry, NOW + 1000)).toBe('stale')
    expect(phaseOf(entry, NOW + 1299)).toBe('stale')
    expect(phaseOf(entry, NOW + 1300)).toBe('expired')
  })

  test('both stale windows start when ttl ends', () => {
    const entry = entryWith({})
    expect(servesErrors(entry, NOW + 1499)).toBe(true)
    expect(servesErrors(entry, NOW + 1500)).toBe(false)
  })

  test('what may be served while it is refreshed may be served when the refresh fails', () => {
    const entry = entryWith({ staleWhileRevalidate: 500, staleIfError: 0 })
    expect(phaseOf(entry, NOW + 1499)).toBe('stale')
    expect(servesErrors(entry, NOW + 1499)).toBe(true)
    expect(servesErrors(entry, NOW + 1500)).toBe(false)
  })

  test('without windows an entry goes from fresh to expired', () => {
    const entry = entryWith({ staleWhileRevalidate: 0, staleIfError: 0 })
    expect(phaseOf(entry, NOW + 999)).toBe('fresh')
    expect(phaseOf(entry, NOW + 1000)).toBe('expired')
    expect(servesErrors(entry, NOW + 1000)).toBe(false)
  })

  test('an entry without ttl stays fresh', () => {
    const entry = entryWith({ ttl: Infinity, staleWhileRevalidate: 0, staleIfError: 0 })
    expect(phaseOf(entry, Number.MAX_SAFE_INTEGER)).toBe('fresh')
    expect(entry).toMatchObject({ keepUntil: Infinity, hotUntil: Infinity })
  })

  test('a window shorter than ttl does not shorten it, and a longer one lasts as long as it says', () => {
    fc.assert(
      fc.property(lifetimes, (lifetime) => {
        const entry = entryWith(lifetime)
        expect(entry.freshUntil).toBe(NOW + lifetime.ttl)
        const { ttl, staleWhileRevalidate, staleIfError } = lifetime
        if (ttl === Infinity) return
        const [stale, end] = [
          NOW + ttl + staleWhileRevalidate,
          NOW + ttl + Math.max(staleWhileRevalidate, staleIfError),
        ]
        if (staleWhileRevalidate > 0) expect(phaseOf(entry, stale - 1)).toBe('stale')
        expect(phaseOf(entry, stale)).toBe('expired')
        expect(servesErrors(entry, end - 1)).toBe(true)
        expect(servesErrors(entry, end)).toBe(false)
      }),
    )
  })

  test('a copy keeps what was left of its ttl, not a whole one', () => {
    const entry = entryWith({}, { createdAt: NOW - 900, freshUntil: NOW + 100 })
    expect(phaseOf(entry, NOW + 99)).toBe('fresh')
    expect(phaseOf(entry, NOW + 100)).toBe('stale')
    expect(phaseOf(entry, NOW + 400)).toBe('expired')
  })

  test('a store may forget an entry only when nobody can be served with it any more', () => {
    fc.assert(
      fc.property(lifetimes, milliseconds, (lifetime, maxLifetime) => {
        const entry = entryWith(lifetime, { maxLifetime: maxLifetime + 1 })
        expect(entry.keepUntil).toBeGreaterThanOrEqual(entry.freshUntil)
        expect(phaseOf(entry, entry.keepUntil)).toBe('expired')
        expect(servesErrors(entry, entry.keepUntil)).toBe(false)
        if (entry.keepUntil < Infinity) expect(servesErrors(entry, entry.keepUntil - 1e-3)).toBe(true)
      }),
    )
  })
})

describe('maxLifetime', () => {
  test('nothing is served after it, whatever ttl and windows say', () => {
    fc.assert(
      fc.property(lifetimes, fc.integer({ min: 1, max: 20_000 }), (lifetime, maxLifetime) => {
        const entry = entryWith(lifetime, { maxLifetime })
        const end = NOW + maxLifetime
        expect(phaseOf(entry, end)).toBe('expired')
        expect(servesErrors(entry, end)).toBe(false)
        expect(entry.hotUntil).toBeLessThanOrEqual(end)
        expect(entry.keepUntil).toBeLessThanOrEqual(end)
      }),
    )
  })

  test('it counts from the creation of the value, not from the copy', () => {
    const entry = entryWith({}, { createdAt: NOW - 900, freshUntil: NOW + 1000, maxLifetime: 1000 })
    expect(phaseOf(entry, NOW + 99)).toBe('fresh')
    expect(phaseOf(entry, NOW + 100)).toBe('expired')
  })

  test('an entry without ttl ends with it', () => {
    const entry = entryWith({ ttl: Infinity }, { maxLifetime: 1000 })
    expect(phaseOf(entry, NOW + 999)).toBe('fresh')
    expect(phaseOf(entry, NOW + 1000)).toBe('expired')
  })
})

describe('heat', () => {
  test('an entry is hot while it is fresh and nothing is due', () => {
    expect(entryWith({}).hotUntil).toBe(NOW + 1000)
  })

  test('early refresh ends it in the last share of ttl', () => {
    expect(entryWith({ earlyRefresh: 0.2 }).hotUntil).toBe(NOW + 800)
    expect(entryWith({ earlyRefresh: 1 }).hotUntil).toBe(NOW)
  })

  test('a sliding entry is started anew after a tenth of ttl at the earliest', () => {
    expect(entryWith({ sliding: true }).hotUntil).toBeCloseTo(NOW + 100)
  })

  test('what has no end cannot be refreshed early and need not slide', () => {
    expect(entryWith({ ttl: Infinity, sliding: true, earlyRefresh: 0.5 }).hotUntil).toBe(Infinity)
  })

  test('a copy that must be confirmed is hot for maxDrift after its confirmation', () => {
    expect(entryWith({}, { maxDrift: 200, confirmedAt: NOW - 50 }).hotUntil).toBe(NOW + 150)
    expect(entryWith({ ttl: Infinity }, { maxDrift: 200 }).hotUntil).toBe(NOW + 200)
  })

  test('a hot entry is fresh', () => {
    fc.assert(
      fc.property(lifetimes, milliseconds, milliseconds, (lifetime, maxLifetime, maxDrift) => {
        const entry = entryWith(lifetime, { maxLifetime, maxDrift })
        expect(entry.hotUntil).toBeLessThanOrEqual(entry.freshUntil)
      }),
    )
  })
})

describe('sliding', () => {
  test('ttl and both windows start anew', () => {
    const entry = entryWith({ sliding: true })
    slide(entry, NOW + 700, limits)
    expect(entry).toMatchObject({ freshUntil: NOW + 1700, keepUntil: NOW + 2200 })
    expect(phaseOf(entry, NOW + 1999)).toBe('stale')
    expect(phaseOf(entry, NOW + 2000)).toBe('expired')
    expect(entry.hotUntil).toBeCloseTo(NOW + 800)
  })

  test('maxLifetime still ends it', () => {
    const entry = entryWith({ sliding: true })
    const bounded = { ...limits, maxLifetime: 1500 }
    for (let now = NOW; now < NOW + 1500; now += 100) slide(entry, now, bounded)
    expect(phaseOf(entry, NOW + 1499)).toBe('fresh')
    expect(phaseOf(entry, NOW + 1500)).toBe('expired')
    expect(entry.keepUntil).toBe(NOW + 1500)
  })

  test('once maxLifetime ends it there is nothing to start anew, so it is hot to the end', () => {
    const entry = entryWith({ sliding: true })
    slide(entry, NOW + 900, { ...limits, maxLifetime: 1500 })
    expect(entry.freshUntil).toBe(NOW + 1500)
    expect(entry.hotUntil).toBe(NOW + 1500)
  })
})

describe('expireEntry', () => {
  test('ttl ends at that moment and both windows start there', () => {
    const entry = entryWith({})
    expireEntry(entry, NOW + 100, limits)
    expect(phaseOf(entry, NOW + 99)).toBe('fresh')
    expect(phaseOf(entry, NOW + 100)).toBe('stale')
    expect(phaseOf(entry, NOW + 399)).toBe('stale')
    expect(phaseOf(entry, NOW + 400)).toBe('expired')
    expect(servesErrors(entry, NOW + 599)).toBe(true)
    expect(servesErrors(entry, NOW + 600)).toBe(false)
    expect(entry.keepUntil).toBe(NOW + 600)
    expect(entry.hotUntil).toBe(NOW + 100)
  })

  test('it never makes an entry live longer', () => {
    fc.assert(
      fc.property(lifetimes, fc.array(milliseconds, { minLength: 1, maxLength: 4 }), (lifetime, moments) => {
        const entry = entryWith(lifetime)
        for (const moment of moments) {
          const { freshUntil, keepUntil, hotUntil } = entry
          expireEntry(entry, NOW + moment, limits)
          expect(entry.freshUntil).toBe(Math.min(freshUntil, NOW + moment))
          expect(entry.keepUntil).toBeLessThanOrEqual(keepUntil)
          expect(entry.hotUntil).toBeLessThanOrEqual(hotUntil)
        }
      }),
    )
  })

  test('an entry without ttl and windows is gone', () => {
    const entry = entryWith({ ttl: Infinity, staleWhileRevalidate: 0, staleIfError: 0 })
    expireEntry(entry, NOW, limits)
    expect(phaseOf(entry, NOW)).toBe('expired')
    expect(servesErrors(entry, NOW)).toBe(false)
  })

  test('an entry that expired long ago is not stale again', () => {
    const entry = entryWith({})
    expireEntry(entry, NOW + 5000, limits)
    expect(phaseOf(entry, NOW + 5000)).toBe('expired')
    expect(servesErrors(entry, NOW + 5000)).toBe(false)
  })
})
