import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'
import type { FreshnessInput } from '../src/freshness.ts'
import { freshnessLifetime, isHeuristicallyCacheable } from '../src/freshness.ts'
import type { HeaderList } from '../src/header-list.ts'
import { linesOf } from '../src/header-list.ts'
import { formatHttpDate } from '../src/http-date.ts'
import { effectiveControl } from '../src/targeted-fields.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const DAY = 86_400_000

const at = (offset: number): string => formatHttpDate(NOW + offset)

function lifetimeOf(headers: HeaderList, input: Partial<FreshnessInput> = {}) {
  return freshnessLifetime({
    profile: 'rfc9111',
    status: 200,
    headers,
    control: parseCacheControl(linesOf(headers, 'cache-control')),
    source: 'cache-control',
    respondedAt: NOW,
    statuses: new Set(),
    ttl: undefined,
    negativeTtl: undefined,
    ...input,
  })
}

describe.each(['safe', 'rfc9111'] as const)('RFC 9111 §4.2.1, profile %s: what is stated first wins', (profile) => {
  const stated: readonly (readonly [string, string, number])[] = [
    ['s-maxage', 's-maxage=10, max-age=20', 10],
    ['max-age', 'max-age=20', 20],
    ['expires', 'public', 30],
  ]

  test.each(stated)('%s before what follows', (source, control, seconds) => {
    const headers: HeaderList = [
      ['Cache-Control', control],
      ['Expires', at(30_000)],
      ['Date', at(0)],
      ['Last-Modified', at(-DAY)],
    ]
    expect(lifetimeOf(headers, { profile, ttl: 40 })).toEqual({ seconds, source })
  })

  test('what the response states lowers and raises what is configured', () => {
    expect(lifetimeOf([['Cache-Control', 'max-age=20']], { profile, ttl: 40 }).seconds).toBe(20)
    expect(lifetimeOf([['Cache-Control', 'max-age=60']], { profile, ttl: 40 }).seconds).toBe(60)
    expect(lifetimeOf([['Cache-Control', 'max-age=0']], { profile, ttl: 40 })).toEqual({
      seconds: 0,
      source: 'max-age',
    })
    expect(lifetimeOf([['Expires', '0']], { profile, ttl: 40 })).toEqual({ seconds: 0, source: 'expires' })
  })

  test('a directive that makes no sense means stale and not that nothing was said', () => {
    for (const value of ['', '-1', '1.5', 'soon', '1h']) {
      expect(lifetimeOf([['Cache-Control', `max-age=${value}`]], { profile, ttl: 40 }).seconds).toBe(0)
      expect(lifetimeOf([['Cache-Control', `max-age=9, s-maxage=${value}`]], { profile, ttl: 40 }).seconds).toBe(0)
    }
  })

  test('of several values of one directive the smallest counts', () => {
    const headers: HeaderList = [
      ['Cache-Control', 'max-age=60'],
      ['cache-control', 'max-age=5, MAX-AGE=600'],
    ]
    expect(lifetimeOf(headers, { profile }).seconds).toBe(5)
  })

  test('what is configured holds where nothing is stated', () => {
    expect(lifetimeOf([], { profile, ttl: 40 })).toEqual({ seconds: 40, source: 'configured' })
    expect(lifetimeOf([['Cache-Control', 'public']], { profile, ttl: 40 }).source).toBe('configured')
  })

  test('where nothing is stated or configured there is no lifetime', () => {
    expect(lifetimeOf([], { profile })).toEqual({ seconds: 0, source: 'none' })
  })

  test('RFC 9111 §5.2.2.4: no-cache is stale from the start, whatever else there is', () => {
    expect(lifetimeOf([['Cache-Control', 'No-Cache, s-maxage=60']], { profile, ttl: 40 }).seconds).toBe(0)
    expect(lifetimeOf([['Cache-Control', 'no-cache']], { profile, ttl: 40 }).seconds).toBe(0)
    expect(lifetimeOf([['Cache-Control', 'no-cache="", max-age=60']], { profile }).seconds).toBe(0)
  })

  test('RFC 9111 §5.2.2.4: no-cache that names fields is about these alone', () => {
    expect(lifetimeOf([['Cache-Control', 'no-cache="x-user", max-age=60']], { profile }).seconds).toBe(60)
  })
})

describe('RFC 9111 §5.3: Expires', () => {
  test('is counted from Date', () => {
    expect(
      lifetimeOf([
        ['Expires', at(60_000)],
        ['Date', at(20_000)],
      ]),
    ).toEqual({ seconds: 40, source: 'expires' })
  })

  test('is counted from the arrival where there is no Date, rounded down', () => {
    expect(lifetimeOf([['Expires', at(60_000)]], { respondedAt: NOW + 100 }).seconds).toBe(59)
  })

  test('in the past means stale, not a negative lifetime', () => {
    expect(
      lifetimeOf(
        [
          ['Expires', at(-60_000)],
          ['Date', at(0)],
        ],
        { ttl: 40 },
      ).seconds,
    ).toBe(0)
    expect(
      lifetimeOf(
        [
          ['Expires', at(0)],
          ['Date', at(0)],
        ],
        { ttl: 40 },
      ).seconds,
    ).toBe(0)
  })

  test.each(['0', '-1', '', 'never', '60', 'Fri, 30 Feb 2026 00:00:00 GMT', 'Fri, 02 Jan 2026 04:00:00 +0000'])(
    '%j is no date and so in the past',
    (expires) => {
      expect(lifetimeOf([['Expires', expires]], { ttl: 40 })).toEqual({ seconds: 0, source: 'expires' })
    },
  )

  test('RFC 9111 §4.2.1: several that differ are stale, several that agree are one', () => {
    expect(
      lifetimeOf([
        ['Expires', at(60_000)],
        ['Expires', at(90_000)],
      ]).seconds,
    ).toBe(0)
    expect(
      lifetimeOf([
        ['Expires', at(60_000)],
        ['expires', at(60_000)],
      ]).seconds,
    ).toBe(60)
  })

  test('RFC 9213 §2.2: is ignored beside a targeted field', () => {
    const headers: HeaderList = [
      ['CDN-Cache-Control', 'must-revalidate'],
      ['Cache-Control', 'max-age=5'],
      ['Expires', at(60_000)],
    ]
    const effective = effectiveControl(headers, ['cdn-cache-control'])
    expect(lifetimeOf(headers, { ...effective, ttl: 40 })).toEqual({ seconds: 40, source: 'configured' })
    expect(lifetimeOf(headers, { ...effectiveControl(headers, []), ttl: 40 })).toEqual({
      seconds: 5,
      source: 'max-age',
    })
    expect(lifetimeOf([['Expires', at(60_000)]], effectiveControl([], ['cdn-cache-control'])).source).toBe('expires')
  })
})

describe('RFC 9111 §4.2.2: heuristic freshness', () => {
  const old: HeaderList = [
    ['Last-Modified', at(-100_000)],
    ['Date', at(0)],
  ]

  test('is a tenth of the time since Last-Modified', () => {
    expect(lifetimeOf(old)).toEqual({ seconds: 10, source: 'heuristic' })
    expect(lifetimeOf([['Last-Modified', at(-19_000)]])).toEqual({ seconds: 1, source: 'heuristic' })
  })

  test('comes before what is configured', () => {
    expect(lifetimeOf(old, { ttl: 40 }).source).toBe('heuristic')
  })

  test('is a day at most', () => {
    expect(lifetimeOf([['Last-Modified', at(-100 * DAY)]]).seconds).toBe(86_400)
  })

  test('is not for the profile safe', () => {
    expect(lifetimeOf(old, { profile: 'safe' })).toEqual({ seconds: 0, source: 'none' })
    expect(lifetimeOf(old, { profile: 'safe', ttl: 40 }).source).toBe('configured')
  })

  test('is not taken from the future, from now or from junk', () => {
    for (const modified of [at(DAY), at(0), at(-5000), 'yesterday', '']) {
      expect(
        lifetimeOf([
          ['Last-Modified', modified],
          ['Date', at(0)],
        ]).source,
      ).toBe('none')
    }
  })

  test('is never used beside an expiration that is stated', () => {
    expect(lifetimeOf([...old, ['Expires', '0']]).seconds).toBe(0)
    expect(lifetimeOf([...old, ['Cache-Control', 'max-age=0']]).seconds).toBe(0)
  })

  test.each([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])('RFC 9110 §15.1: %d may have it', (status) => {
    expect(lifetimeOf(old, { status }).source).toBe('heuristic')
  })

  test.each([201, 206, 302, 303, 307, 400, 401, 403, 500, 502, 503, 599])(
    'RFC 9110 §15.1: %d only if public',
    (status) => {
      expect(lifetimeOf(old, { status }).source).toBe('none')
      expect(lifetimeOf([...old, ['Cache-Control', 'PUBLIC']], { status }).source).toBe('heuristic')
      expect(isHeuristicallyCacheable(status, parseCacheControl([]))).toBe(false)
    },
  )

  test('in rfc9111 a configured lifetime is bound by the same rule, unless the status was asked for', () => {
    expect(lifetimeOf([], { status: 302, ttl: 40 }).source).toBe('none')
    expect(lifetimeOf([], { status: 302, ttl: 40, statuses: new Set([302]) }).source).toBe('configured')
    expect(lifetimeOf([], { status: 302, ttl: 40, profile: 'safe' }).source).toBe('configured')
  })
})

describe('RFC 9111 §4.2.1: answers of 400 and above', () => {
  test.each([400, 404, 410, 451, 500, 503])(
    '%d has the negative lifetime where only the configuration says so',
    (status) => {
      const configured = { profile: 'safe', status, ttl: 3600, negativeTtl: 10 } as const
      expect(lifetimeOf([], configured)).toEqual({ seconds: 10, source: 'configured' })
      expect(lifetimeOf([['Cache-Control', 'max-age=60']], configured)).toEqual({ seconds: 60, source: 'max-age' })
      expect(lifetimeOf([], { ...configured, negativeTtl: undefined }).source).toBe('none')
    },
  )

  test.each([200, 301, 302, 399])('%d does not', (status) => {
    expect(lifetimeOf([], { profile: 'safe', status, ttl: 3600, negativeTtl: 10 }).seconds).toBe(3600)
  })
})

test('RFC 9111 §4.2.1: whatever the headers are, the lifetime is a whole number of seconds from 0 to 2 ** 31', () => {
  const name = fc.constantFrom('Cache-Control', 'Expires', 'Date', 'Last-Modified', 'expires')
  const date = fc.integer({ min: -8e15, max: 8e15 }).map((ms) => new Date(ms).toUTCString())
  const control = fc
    .tuple(fc.constantFrom('max-age', 's-maxage', 'no-cache'), fc.string())
    .map((pair) => pair.join('='))
  const headers = fc.array(fc.tuple(name, fc.oneof(fc.string(), anyCharacters, date, control)))
  fc.assert(
    fc.property(headers, fc.constantFrom('safe', 'rfc9111'), fc.integer(), (lines, profile, respondedAt) => {
      const { seconds } = lifetimeOf(lines, { profile, respondedAt })
      expect(seconds).toSatisfy(Number.isInteger)
      expect(seconds).toBeGreaterThanOrEqual(0)
      expect(seconds).toBeLessThanOrEqual(2 ** 31)
    }),
  )
})
