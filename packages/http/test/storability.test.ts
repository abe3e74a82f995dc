import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { initialAge } from '../src/age.ts'
import { parseCacheControl } from '../src/cache-control.ts'
import { freshnessLifetime } from '../src/freshness.ts'
import type { HeaderList } from '../src/header-list.ts'
import { linesOf } from '../src/header-list.ts'
import { formatHttpDate } from '../src/http-date.ts'
import type { Profile } from '../src/options.ts'
import type { RequestFacts, StorabilityInput } from '../src/storability.ts'
import { whyNotStored } from '../src/storability.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

interface Given extends Partial<Omit<StorabilityInput, 'request'>> {
  readonly request?: Partial<RequestFacts>
  readonly ttl?: number
}

/** Judged with everything as it is in the engine: freshness and age come from the same headers. */
function judged(profile: Profile, headers: HeaderList, given: Given = {}) {
  const { request, ttl, ...rest } = given
  const control = parseCacheControl(linesOf(headers, 'cache-control'))
  const { status = 200, statuses = new Set() } = rest
  const freshness = freshnessLifetime({
    profile,
    status,
    headers,
    control,
    source: 'cache-control',
    respondedAt: NOW,
    statuses,
    ttl,
    negativeTtl: ttl,
  })
  return whyNotStored({
    profile,
    request: { method: 'GET', hasAuthorization: false, hasCookie: false, control: parseCacheControl([]), ...request },
    status,
    headers,
    control,
    freshness,
    initialAge: initialAge({ headers, requestedAt: NOW, respondedAt: NOW }),
    setCookie: 'refuse',
    statuses,
    areCookiesDeclared: false,
    keyed: [],
    staleFor: 0,
    ...rest,
  })
}

const safe = (headers: HeaderList, given: Given = {}) => judged('safe', headers, { ttl: 60, ...given })

const rfc9111 = (headers: HeaderList, given: Given = {}) => judged('rfc9111', headers, given)

const control = (value: string): HeaderList => [['Cache-Control', value]]

const FRESH = control('max-age=60')

describe('RFC 9111 §3: the request', () => {
  test('a plain GET is stored in either profile', () => {
    expect(safe([])).toBeUndefined()
    expect(rfc9111(FRESH)).toBeUndefined()
  })

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'get', 'CONNECT', ''])(
    'an answer to %j is not stored',
    (method) => {
      expect(safe([], { request: { method } })).toBe('method')
      expect(rfc9111(control('public, s-maxage=60'), { request: { method } })).toBe('method')
    },
  )

  test('RFC 9111 §5.2.1.5: no-store of the request is obeyed in rfc9111 and gives a client no power in safe', () => {
    const request = { control: parseCacheControl(['No-Store']) }
    expect(rfc9111(FRESH, { request })).toBe('request-no-store')
    expect(safe([], { request })).toBeUndefined()
  })
})

describe('RFC 9111 §3.5: Authorization', () => {
  const request = { hasAuthorization: true }

  test.each([
    'max-age=60',
    'max-age=60, proxy-revalidate',
    'max-age=60, ext="public, s-maxage"',
    'max-age=60, private="x"',
  ])('in rfc9111 %j is not enough to share what was made for somebody', (value) => {
    expect(rfc9111(control(value), { request })).toBe('authorization')
  })

  test.each(['max-age=60, public', 's-maxage=60', 'max-age=60, must-revalidate', 'max-age=60, PUBLIC'])(
    'in rfc9111 %j is enough, in safe nothing is',
    (value) => {
      expect(rfc9111([...FRESH, ...control(value)], { request })).toBeUndefined()
      expect(safe(control(value), { request })).toBe('authorization')
      expect(safe(control(value), { request, keyed: ['authorization'] })).toBe('authorization')
    },
  )
})

describe('RFC 9111 §7.3: Cookie', () => {
  const request = { hasCookie: true }

  test('what only the configuration keeps is not kept for a request with undeclared cookies', () => {
    expect(safe([], { request })).toBe('cookie')
    expect(safe(FRESH, { request })).toBe('cookie')
    expect(safe([], { request, areCookiesDeclared: true })).toBeUndefined()
  })

  test('s-maxage says that the response is for everybody, public only in rfc9111: senders of files write it by themselves', () => {
    expect(safe(control('s-maxage=60'), { request })).toBeUndefined()
    for (const value of ['public', 'Public, max-age=5', 'public, max-age=3600']) {
      expect(safe(control(value), { request })).toBe('cookie')
      expect(rfc9111([...FRESH, ...control(value)], { request })).toBeUndefined()
    }
  })

  test('in rfc9111 a stated lifetime is enough, a guessed one is not', () => {
    expect(rfc9111(FRESH, { request })).toBeUndefined()
    const guessed: HeaderList = [['Last-Modified', formatHttpDate(NOW - 864e5)]]
    expect(rfc9111(guessed)).toBeUndefined()
    expect(rfc9111(guessed, { request })).toBe('cookie')
    expect(rfc9111(guessed, { request, areCookiesDeclared: true })).toBeUndefined()
    expect(rfc9111([], { request, ttl: 60 })).toBe('cookie')
  })
})

describe('RFC 9111 §3: the status', () => {
  test.each([200, 203, 300, 301, 308, 404, 410])('safe stores %d', (status) => {
    expect(safe([], { status })).toBeUndefined()
  })

  test.each([201, 204, 302, 303, 307, 400, 401, 403, 405, 414, 429, 500, 501, 502, 503, 504])(
    'safe stores %d only on request, whatever the response says',
    (status) => {
      expect(safe([], { status })).toBe('status')
      expect(safe(control('public, max-age=60'), { status })).toBe('status')
      expect(safe([], { status, statuses: new Set([status]) })).toBeUndefined()
    },
  )

  test.each([200, 201, 204, 302, 400, 403, 500, 503, 599, 299])(
    'rfc9111 stores %d with a stated lifetime',
    (status) => {
      expect(rfc9111(FRESH, { status })).toBeUndefined()
    },
  )

  test.each([201, 302, 303, 307, 400, 403, 500, 503])(
    'rfc9111 stores %d neither by guess nor by configuration',
    (status) => {
      const modified: HeaderList = [['Last-Modified', formatHttpDate(NOW - 864e5)]]
      expect(rfc9111(modified, { status, ttl: 60 })).toBe('no-lifetime')
      expect(rfc9111([...modified, ['ETag', '"1"']], { status })).toBe('no-lifetime')
    },
  )

  test.each([100, 101, 103, 199, 304, 600, 999, 0, -200, 200.5, Number.NaN])(
    '%d is stored by neither, not on request either',
    (status) => {
      const statuses = new Set([status])
      expect(safe(control('public, max-age=60'), { status, statuses })).toBe('status')
      expect(rfc9111(control('public, max-age=60'), { status, statuses })).toBe('status')
    },
  )

  test('RFC 9111 §3.3: a part is never stored as the whole', () => {
    const statuses = new Set([206])
    expect(safe([], { status: 206, statuses })).toBe('partial')
    expect(rfc9111(FRESH, { status: 206, statuses })).toBe('partial')
    expect(safe([['Content-Range', 'bytes 0-1/2']])).toBe('partial')
  })

  test('RFC 9110 §14.4: of a status that is no part, Content-Range says nothing', () => {
    expect(rfc9111([...FRESH, ['content-range', '']])).toBeUndefined()
  })
})

describe('RFC 9111 §5.2.2.5: no-store', () => {
  test.each([
    'no-store',
    'NO-STORE',
    'No-Store=1',
    'no-store=""',
    'max-age=60, no-store',
    'public , no-store',
    ',, no-store,',
  ])('%j keeps the response from being stored', (value) => {
    expect(safe(control(value))).toBe('no-store')
    expect(rfc9111(control(value))).toBe('no-store')
  })

  test('on another line it counts as well', () => {
    const headers: HeaderList = [...FRESH, ['cache-control', 'no-store']]
    expect(safe(headers)).toBe('no-store')
    expect(rfc9111(headers)).toBe('no-store')
  })

  test('in a quoted string it is only text', () => {
    expect(safe(control('ext="a, no-store", max-age=60'))).toBeUndefined()
    expect(rfc9111(control('ext="a, no-store", max-age=60'))).toBeUndefined()
  })
})

describe('RFC 9111 §5.2.2.7: private', () => {
  test.each([
    'private',
    'Private',
    'PRIVATE, max-age=60',
    'private=""',
    'private="x',
    'private=x',
    's-maxage=60, private',
  ])('%j keeps the whole response from being stored', (value) => {
    expect(safe(control(value))).toBe('private')
    expect(rfc9111(control(value))).toBe('private')
  })

  test('with names of fields rfc9111 stores the rest, safe stores nothing', () => {
    expect(rfc9111(control('private="x-user", max-age=60'))).toBeUndefined()
    expect(safe(control('private="x-user", max-age=60'))).toBe('private')
  })

  test('one line for fields and one for everything is for everything', () => {
    const headers: HeaderList = [...control('private="x-user", max-age=60'), ['Cache-Control', 'private']]
    expect(rfc9111(headers)).toBe('private')
  })

  test('in a quoted string it is only text', () => {
    expect(safe(control('ext="a, private", max-age=60'))).toBeUndefined()
    expect(rfc9111(control('ext="a, private", max-age=60'))).toBeUndefined()
  })
})

describe('RFC 9111 §5.2.2.3: must-understand', () => {
  test('rfc9111 may pass over no-store for a status that it knows, safe never does', () => {
    expect(rfc9111(control('must-understand, no-store, max-age=60'))).toBeUndefined()
    expect(safe(control('must-understand, no-store, max-age=60'))).toBe('no-store')
  })

  test.each([200, 205, 301, 305, 400, 417, 421, 422, 426, 500, 505])('%d is known', (status) => {
    expect(rfc9111(control('must-understand, no-store, max-age=60'), { status })).toBeUndefined()
  })

  test('a status that it does not know is not stored', () => {
    expect(rfc9111(control('must-understand, max-age=60'), { status: 599 })).toBe('not-understood')
    expect(rfc9111(control('must-understand, no-store, max-age=60'), { status: 299 })).toBe('not-understood')
  })

  test('private holds all the same', () => {
    expect(rfc9111(control('must-understand, no-store, private, max-age=60'))).toBe('private')
  })
})

describe('RFC 9111 §3: in safe what the response says against storing wins over a configured lifetime', () => {
  test.each<[string, HeaderList]>([
    ['no-cache', control('no-cache')],
    ['no-cache', control('No-Cache, max-age=60')],
    ['no-cache', control('no-cache=""')],
    ['no-cache', [['Pragma', 'no-cache']]],
    ['expired', control('max-age=0')],
    ['expired', control('s-maxage=0, max-age=60')],
    ['expired', control('max-age=junk')],
    ['expired', control('public, max-age=0')],
    ['expired', [['Expires', '0']]],
    ['expired', [['Expires', formatHttpDate(NOW - 1000)]]],
    ['expired', [...FRESH, ['Age', '60']]],
    ['expired', [...FRESH, ['Date', formatHttpDate(NOW - 60_000)]]],
  ])('%s: %j', (refusal, headers) => {
    expect(safe(headers)).toBe(refusal)
    expect(safe([...headers, ['ETag', '"1"']])).toBe(refusal)
  })

  test('a response that took longer than its configured lifetime is kept if it may be served stale', () => {
    const late = { initialAge: 61 }
    expect(safe([], late)).toBe('expired')
    expect(safe([], { ...late, staleFor: 1 })).toBe('expired')
    expect(safe([], { ...late, staleFor: 2 })).toBeUndefined()
    expect(safe([], { ...late, ttl: 0, staleFor: 100 })).toBe('expired')
    expect(safe(control('max-age=60'), { ...late, staleFor: 100 })).toBe('expired')
  })

  test('no-cache that names fields does not: these are left out', () => {
    expect(safe(control('no-cache="x-user"'))).toBeUndefined()
  })

  test('Pragma says nothing beside Cache-Control', () => {
    expect(safe([['Pragma', 'no-cache'], ...FRESH])).toBeUndefined()
  })
})

describe('RFC 9111 §3: without a lifetime', () => {
  test('nothing is stored that neither the response nor the configuration gives one', () => {
    expect(judged('safe', [])).toBe('no-lifetime')
    expect(judged('safe', control('public'))).toBe('no-lifetime')
  })

  test('rfc9111 stores what can be validated, and nothing that could never be used', () => {
    expect(rfc9111([])).toBe('expired')
    expect(rfc9111(control('max-age=0'))).toBe('expired')
    expect(rfc9111(control('no-cache'))).toBe('expired')
    expect(rfc9111([['ETag', '"1"']])).toBeUndefined()
    expect(rfc9111([...control('no-cache'), ['ETag', 'W/"1"']])).toBeUndefined()
    expect(rfc9111([...control('max-age=0'), ['Last-Modified', formatHttpDate(NOW)]])).toBeUndefined()
  })

  test('RFC 5861: rfc9111 stores what may be served stale', () => {
    expect(rfc9111(control('max-age=0, stale-while-revalidate=60'))).toBeUndefined()
    expect(rfc9111(control('max-age=0, stale-if-error=60'))).toBeUndefined()
  })
})

describe('RFC 9111 §7.3: Set-Cookie', () => {
  const headers: HeaderList = [...FRESH, ['set-cookie', 'sid=1']]

  test('keeps the response from being stored unless something else was asked for', () => {
    expect(safe(headers)).toBe('set-cookie')
    expect(rfc9111(headers)).toBe('set-cookie')
    expect(rfc9111([...headers, ['Cache-Control', 'public']])).toBe('set-cookie')
    expect(safe(headers, { setCookie: 'strip' })).toBeUndefined()
    expect(safe(headers, { setCookie: 'store' })).toBeUndefined()
  })
})

describe('RFC 9111 §4.1: Vary', () => {
  test.each(['*', 'Accept, *', '* , accept', 'not a token'])('%j matches no request', (vary) => {
    expect(safe([...FRESH, ['Vary', vary]])).toBe('vary-any')
    expect(rfc9111([...FRESH, ['vary', vary]])).toBe('vary-any')
  })

  test('on several lines * counts as well', () => {
    expect(rfc9111([...FRESH, ['Vary', 'accept'], ['Vary', '*']])).toBe('vary-any')
  })

  test.each([
    ['cookie', 'vary-cookie'],
    ['authorization', 'vary-authorization'],
  ] as const)('%s is one response per client, unless it is keyed on purpose', (name, refusal) => {
    const headers: HeaderList = [...FRESH, ['Vary', `Accept, ${name.toUpperCase()}`]]
    expect(safe(headers)).toBe(refusal)
    expect(rfc9111(headers)).toBe(refusal)
    expect(rfc9111(headers, { keyed: [name] })).toBeUndefined()
    expect(safe(headers, { keyed: ['accept'] })).toBe(refusal)
  })

  test('other names are fine', () => {
    expect(rfc9111([...FRESH, ['Vary', 'accept-encoding, origin']])).toBeUndefined()
  })
})

describe('RFC 9111 §3.3: what never ends', () => {
  test.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8', ' multipart/x-mixed-replace;boundary=a'])(
    '%j is not stored',
    (type) => {
      expect(safe([['Content-Type', type]])).toBe('stream')
      expect(rfc9111([...FRESH, ['content-type', type]])).toBe('stream')
    },
  )

  test('what is only called alike is', () => {
    expect(safe([['Content-Type', 'text/event-stream-archive']])).toBeUndefined()
    expect(safe([['Content-Type', 'text/html; was=text/event-stream']])).toBeUndefined()
  })
})

describe('RFC 9111 §3: on any input', () => {
  const value = fc.oneof(fc.string(), anyCharacters, fc.constantFrom('public', 'max-age=9', 'no-store', '*'))
  const name = fc.constantFrom('Cache-Control', 'Vary', 'Expires', 'ETag', 'Content-Type', 'Pragma', 'Age', 'Date')
  const headers = fc.array(fc.tuple(name, value))
  const profile = fc.constantFrom<Profile>('safe', 'rfc9111')

  test('nothing is thrown, and no-store or private added anywhere is never stored', () => {
    const optOut = fc.constantFrom('no-store', 'private', 'Private', 'private=""')
    fc.assert(
      fc.property(headers, profile, fc.nat(), optOut, (lines, which, index, directive) => {
        const without = lines.filter(([, text]) => !/must-understand/i.test(text))
        const at = index % (without.length + 1)
        const all = [...without.slice(0, at), ['Cache-Control', directive] as const, ...without.slice(at)]
        expect(judged(which, all, { ttl: 60 })).toBeTypeOf('string')
      }),
    )
  })

  test('what safe stores of a GET without a configured lifetime, rfc9111 stores too', () => {
    fc.assert(
      fc.property(headers, (lines) => {
        if (judged('safe', lines) === undefined) expect(judged('rfc9111', lines)).toBeUndefined()
      }),
    )
  })
})
