import type { Token } from 'structured-headers'
import { parseList } from 'structured-headers'
import { describe, expect, test } from 'vitest'

import type { CacheStatus, ForwardReason } from '../src/cache-status.ts'
import { cacheStatus } from '../src/cache-status.ts'

describe('RFC 9211 §2: Cache-Status', () => {
  test.each<[CacheStatus, string]>([
    [{ outcome: 'hit' }, 'c;hit'],
    [{ outcome: 'hit', ttl: 42.9 }, 'c;hit;ttl=42'],
    [{ outcome: 'hit', ttl: -0.5 }, 'c;hit;ttl=-1'],
    [{ outcome: 'hit', ttl: Infinity }, 'c;hit'],
    [{ outcome: 'hit', ttl: Number.NaN }, 'c;hit'],
    [{ outcome: 'uri-miss', stored: true }, 'c;fwd=uri-miss;stored'],
    [{ outcome: 'miss', stored: false, collapsed: false }, 'c;fwd=miss'],
    [{ outcome: 'stale', fwdStatus: 304, stored: true, ttl: 60 }, 'c;fwd=stale;fwd-status=304;stored;ttl=60'],
    [{ outcome: 'miss', collapsed: true }, 'c;fwd=miss;collapsed'],
    [{ outcome: 'bypass', detail: 'private' }, 'c;fwd=bypass;detail=private'],
    [{ outcome: 'bypass', detail: 'sets a "cookie"' }, String.raw`c;fwd=bypass;detail="sets a \"cookie\""`],
  ])('%j is %s', (status, value) => expect(cacheStatus('c', status)).toBe(value))

  test('§2.1, §2.2: a hit has no parameter that speaks of forwarding', () => {
    const status: CacheStatus = { outcome: 'hit', fwdStatus: 200, stored: true, collapsed: true }
    expect(cacheStatus('c', status)).toBe('c;hit')
  })

  test.each<ForwardReason>(['bypass', 'method', 'uri-miss', 'vary-miss', 'miss', 'request', 'stale', 'partial'])(
    '§2.2: fwd=%s is a token',
    (outcome) => {
      const [[name, parameters]] = parseList(cacheStatus('shelflife', { outcome })) as [[Token, Map<string, Token>]]
      expect(String(name)).toBe('shelflife')
      expect(String(parameters.get('fwd'))).toBe(outcome)
    },
  )

  test.each([
    ['shelflife', 'shelflife;hit'],
    ['cdn.example:8080/a', 'cdn.example:8080/a;hit'],
    ['1st cache', '"1st cache";hit'],
    ['a;hit', '"a;hit";hit'],
    ['a"\\', String.raw`"a\"\\";hit`],
    ['é\r\n', '"???";hit'],
    ['', '"";hit'],
  ])('the name %j cannot be taken for anything else', (name, value) => {
    expect(cacheStatus(name, { outcome: 'hit' })).toBe(value)
  })

  test('§2.8: detail is one line of bounded length', () => {
    const value = cacheStatus('c', { outcome: 'hit', detail: `a\r\nb${'"'.repeat(1000)}` })
    expect(value).toMatch(/^[\x20-\x7e]{1,300}$/)
    expect(parseList(value)).toHaveLength(1)
  })
})
