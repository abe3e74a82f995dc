import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseCacheControl } from '../src/cache-control.ts'
import { mayServeStale, staleWindows } from '../src/stale-windows.ts'

const configured = { staleWhileRevalidate: 300, staleIfError: 3600 }
const NONE = { staleWhileRevalidate: 0, staleIfError: 0 }

const windowsOf = (control: string) => staleWindows({ control: parseCacheControl([control]), configured })

describe('RFC 5861', () => {
  test('what the response states comes before what is configured, each for itself', () => {
    expect(windowsOf('max-age=1, stale-while-revalidate=5, stale-if-error=7')).toEqual({
      staleWhileRevalidate: 5,
      staleIfError: 7,
    })
    expect(windowsOf('Stale-While-Revalidate=5')).toEqual({ ...configured, staleWhileRevalidate: 5 })
    expect(windowsOf('stale-if-error=7')).toEqual({ ...configured, staleIfError: 7 })
    expect(windowsOf('max-age=60')).toEqual(configured)
  })

  test('0 and what is no number mean none', () => {
    expect(windowsOf('stale-while-revalidate=0, stale-if-error=0')).toEqual(NONE)
    expect(windowsOf('stale-while-revalidate, stale-if-error=long')).toEqual(NONE)
  })

  test.each(['must-revalidate', 'proxy-revalidate', 's-maxage=1', 'no-cache', 'MUST-REVALIDATE', 'no-cache=""'])(
    'RFC 9111 §4.2.4: %s forbids both, whatever else is stated or configured',
    (directive) => {
      const control = `max-age=1, stale-while-revalidate=5, stale-if-error=7, ${directive}`
      expect(windowsOf(control)).toEqual(NONE)
      expect(mayServeStale(parseCacheControl([control]))).toBe(false)
    },
  )

  test('RFC 9111 §5.2.2.4: no-cache that names fields forbids nothing', () => {
    expect(windowsOf('no-cache="x-user"')).toEqual(configured)
    expect(mayServeStale(parseCacheControl(['no-cache="x-user"']))).toBe(true)
  })

  test('RFC 9111 §4.2.4: without a directive against it stale may be served', () => {
    expect(mayServeStale(parseCacheControl(['max-age=1, public']))).toBe(true)
    expect(mayServeStale(parseCacheControl([]))).toBe(true)
  })
})

test('RFC 5861: whatever is stated, the windows are whole seconds from 0 to 2 ** 31', () => {
  const name = fc.constantFrom('stale-while-revalidate', 'stale-if-error', 's-maxage', 'x')
  const directive = fc.tuple(name, fc.oneof(fc.string(), fc.bigInt().map(String))).map((pair) => pair.join('='))
  fc.assert(
    fc.property(fc.array(directive), (directives) => {
      for (const seconds of Object.values(windowsOf(directives.join(', ')))) {
        expect(seconds).toSatisfy(Number.isInteger)
        expect(seconds).toBeGreaterThanOrEqual(0)
        expect(seconds).toBeLessThanOrEqual(2 ** 31)
      }
    }),
  )
})
