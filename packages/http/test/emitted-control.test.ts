import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'
import type { CopyLifetimes } from '../src/emitted-control.ts'
import { emittedControl } from '../src/emitted-control.ts'
import { valueOf } from '../src/header-list.ts'
import { effectiveControl } from '../src/targeted-fields.ts'

describe('RFC 9111 §5.2.2: Cache-Control that says what is enforced', () => {
  test.each<[CopyLifetimes, string, string | undefined]>([
    [{}, 'no-cache', undefined],
    [{ browser: 0, shared: 0 }, 'no-cache', undefined],
    [{ staleWhileRevalidate: 60, staleIfError: 60 }, 'no-cache', undefined],
    [{ browser: 0.9, shared: 0.9 }, 'no-cache', undefined],
    [{ browser: -5, shared: Number.NaN }, 'no-cache', undefined],
    [{ browser: 60 }, 'max-age=60, s-maxage=0', undefined],
    [{ browser: 60, staleWhileRevalidate: 9 }, 'max-age=60, s-maxage=0', undefined],
    [{ shared: 60.9 }, 'max-age=0, s-maxage=60', 'max-age=60'],
    [{ browser: 5, shared: 60 }, 'max-age=5, s-maxage=60', 'max-age=60'],
    [{ shared: Infinity }, 'max-age=0, s-maxage=2147483647', 'max-age=2147483647'],
    [
      { shared: 60, staleWhileRevalidate: 30.5, staleIfError: 3600 },
      'max-age=0, s-maxage=60',
      'max-age=60, stale-while-revalidate=30, stale-if-error=3600',
    ],
    [{ shared: 60, staleIfError: 0.5 }, 'max-age=0, s-maxage=60', 'max-age=60'],
  ])('%j is %s', (lifetimes, control, cdn) => {
    const headers = emittedControl(lifetimes)
    expect(valueOf(headers, 'cache-control')).toBe(control)
    expect(valueOf(headers, 'cdn-cache-control')).toBe(cdn)
  })

  test('§4.2.3: a copy of an old response lives as long as one of a new response, and never longer than stated', () => {
    for (const age of [0, 0.9, 1.5, 300, 300.9]) {
      const headers = emittedControl({ browser: 60.5, shared: 90.5, age })
      const control = parseCacheControl([valueOf(headers, 'cache-control')!])
      // what is left when it arrives, `Age` being whole seconds as well
      expect(control.seconds('max-age')! - Math.floor(age)).toBe(60)
      expect(control.seconds('s-maxage')! - Math.floor(age)).toBe(90)
    }
    expect(emittedControl({ browser: 60, age: 300 })).toEqual([['Cache-Control', 'max-age=360, s-maxage=0']])
    expect(emittedControl({ age: 300 })).toEqual([['Cache-Control', 'no-cache']])
  })

  test('RFC 9213 §2.1: what is said to CDNs can be read as a targeted field', () => {
    const headers = emittedControl({ browser: 5, shared: 60, staleWhileRevalidate: 30 })
    const { control, source } = effectiveControl(headers, ['cdn-cache-control'])
    expect(source).toBe('cdn-cache-control')
    expect(control.seconds('max-age')).toBe(60)
    expect(control.seconds('stale-while-revalidate')).toBe(30)
  })

  test('RFC 5861 §3: browsers are told of no time in which a stale copy is good enough', () => {
    const headers = emittedControl({ browser: 5, shared: 60, staleWhileRevalidate: 30, staleIfError: 30 })
    expect(valueOf(headers, 'cache-control')).not.toContain('stale')
  })
})
