import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Reusable } from '../src/request-directives.ts'
import { requestDirectives, reuse } from '../src/request-directives.ts'

const anyCharacters = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })

const directivesOf = (headers: Readonly<Record<string, string>>) => requestDirectives((name) => headers[name])

/** 60 s old of 100 s, and may be stale. */
const FRESH: Reusable = { age: 60, lifetime: 100, staleWhileRevalidate: 0, mayBeStale: true }
/** For 10 s. */
const STALE: Reusable = { ...FRESH, age: 110 }

const reuseOf = (control: string, stored: Reusable | undefined) =>
  reuse({ profile: 'rfc9111', directives: directivesOf({ 'cache-control': control }), stored })

describe('RFC 9111 §4: without directives', () => {
  test('what is fresh is served, what is stale or missing is not', () => {
    expect(reuseOf('', FRESH)).toBe('serve')
    expect(reuseOf('', STALE)).toBe('validate')
    expect(reuseOf('', undefined)).toBe('validate')
  })

  test('RFC 9111 §4.2: what is as old as its lifetime is stale', () => {
    expect(reuseOf('', { ...FRESH, age: 99.9 })).toBe('serve')
    expect(reuseOf('', { ...FRESH, age: 100 })).toBe('validate')
  })

  test('RFC 5861 §3: what is stale is served within the window of stale-while-revalidate', () => {
    expect(reuseOf('', { ...STALE, staleWhileRevalidate: 11 })).toBe('serve')
    expect(reuseOf('', { ...STALE, staleWhileRevalidate: 10 })).toBe('validate')
    expect(reuseOf('', { ...STALE, staleWhileRevalidate: 11, mayBeStale: false })).toBe('validate')
  })
})

describe('RFC 9111 §5.2.1.1: max-age', () => {
  test('what is older is not served', () => {
    expect(reuseOf('max-age=60', FRESH)).toBe('serve')
    expect(reuseOf('max-age=59', FRESH)).toBe('validate')
    expect(reuseOf('MAX-AGE=0', FRESH)).toBe('validate')
    expect(reuseOf('max-age=junk', FRESH)).toBe('validate')
  })

  test('what is stale is not served either, unless max-stale is there too', () => {
    expect(reuseOf('max-age=1000', { ...STALE, staleWhileRevalidate: 60 })).toBe('validate')
    expect(reuseOf('max-age=1000, max-stale=60', STALE)).toBe('serve')
  })
})

describe('RFC 9111 §5.2.1.2: max-stale', () => {
  test('what has been stale for no longer is served', () => {
    expect(reuseOf('max-stale=10', STALE)).toBe('serve')
    expect(reuseOf('max-stale=9', STALE)).toBe('validate')
    expect(reuseOf('max-stale=0', STALE)).toBe('validate')
  })

  test.each(['max-stale', ' Max-Stale ', 'no-transform, max-stale', 'max-stale,max-age=900'])(
    'without a value, as in %j, everything stale is',
    (control) => {
      expect(reuseOf(control, { ...STALE, age: 800 })).toBe('serve')
    },
  )

  test.each(['max-stale=', 'max-stale=x', 'max-stale=-1', 'max-stale="', 'max-stales', 'x-max-stale'])(
    '%j is no such permission',
    (control) => {
      expect(reuseOf(control, STALE)).toBe('validate')
    },
  )

  test('RFC 9111 §4.2.4: does not overrule a response that forbids it', () => {
    expect(reuseOf('max-stale', { ...STALE, mayBeStale: false })).toBe('validate')
  })
})

describe('RFC 9111 §5.2.1.3: min-fresh', () => {
  test('what will not stay fresh for that long is not served', () => {
    expect(reuseOf('min-fresh=40', FRESH)).toBe('serve')
    expect(reuseOf('min-fresh=41', FRESH)).toBe('validate')
  })

  test('what is stale is not served, whatever the window', () => {
    expect(reuseOf('min-fresh=0', { ...STALE, staleWhileRevalidate: 60 })).toBe('validate')
  })
})

describe('RFC 9111 §5.2.1.4, §5.2.1.5: no-cache and no-store', () => {
  test('no-cache asks for validation of what is fresh', () => {
    expect(reuseOf('no-cache', FRESH)).toBe('validate')
    expect(reuseOf('No-Cache, max-stale', FRESH)).toBe('validate')
    expect(reuseOf('ext="no-cache"', FRESH)).toBe('serve')
  })

  test('no-store is not about what is stored already', () => {
    expect(reuseOf('no-store', FRESH)).toBe('serve')
  })
})

describe('RFC 9111 §5.4: Pragma', () => {
  const reuseBy = (headers: Readonly<Record<string, string>>) =>
    reuse({ profile: 'rfc9111', directives: directivesOf(headers), stored: FRESH })

  test('no-cache counts where there is no Cache-Control', () => {
    expect(reuseBy({ pragma: 'no-cache' })).toBe('validate')
    expect(reuseBy({ pragma: 'x=1, No-Cache' })).toBe('validate')
    expect(reuseBy({ pragma: 'no-cache', 'cache-control': 'max-age=60' })).toBe('serve')
    expect(reuseBy({ pragma: 'no-cache', 'cache-control': '' })).toBe('serve')
  })

  test('nothing else of it does', () => {
    expect(reuseBy({ pragma: 'max-age=0, only-if-cached' })).toBe('serve')
  })
})

describe('RFC 9111 §5.2.1.7: only-if-cached', () => {
  test('what would have to be asked for fails', () => {
    expect(reuseOf('only-if-cached', FRESH)).toBe('serve')
    expect(reuseOf('only-if-cached', STALE)).toBe('fail')
    expect(reuseOf('only-if-cached', undefined)).toBe('fail')
    expect(reuseOf('only-if-cached, no-cache', FRESH)).toBe('fail')
    expect(reuseOf('only-if-cached, max-stale', STALE)).toBe('serve')
  })
})

test('RFC 9111 §5.2.1: in safe no request can force a load or a failure, nor get what is too stale', () => {
  const name = fc.constantFrom('no-cache', 'no-store', 'max-age', 'min-fresh', 'max-stale', 'only-if-cached')
  const directive = fc.tuple(name, fc.constantFrom('', '=0', '=1', '=1000', '=x'))
  fc.assert(
    fc.property(fc.array(directive), (parts) => {
      const directives = directivesOf({ 'cache-control': parts.map((part) => part.join('')).join(', ') })
      const reuseBy = (stored?: Reusable) => reuse({ profile: 'safe', directives, stored })
      expect(reuseBy(FRESH)).toBe('serve')
      expect(reuseBy({ ...STALE, staleWhileRevalidate: 11 })).toBe('serve')
      expect(reuseBy(STALE)).toBe('validate')
      expect(reuseBy()).toBe('validate')
    }),
  )
})

test('RFC 9111 §5.2.1: any text is read without an error, and stale is never served against the response', () => {
  const text = fc.oneof(fc.string(), anyCharacters, fc.constant(' '.repeat(1e5)), fc.constant(', max-stale'))
  fc.assert(
    fc.property(text, text, (control, more) => {
      expect(reuseOf(`${control}${more}`, { ...STALE, mayBeStale: false })).not.toBe('serve')
      directivesOf({ pragma: control })
    }),
  )
})
