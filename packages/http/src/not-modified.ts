import type { HeaderList } from './header-list.ts'
import { linesOf } from './header-list.ts'

/** RFC 9110 §15.4.5. */
const KEPT: ReadonlySet<string> = new Set(['cache-control', 'content-location', 'date', 'etag', 'expires', 'vary'])

/** Targeted fields guide the caches between (RFC 9213); without those of CORS a browser refuses the answer. */
const isKept = (name: string): boolean =>
  KEPT.has(name) || name.endsWith('-cache-control') || name.startsWith('access-control-')

/**
 * The fields of a stored response that a 304 is sent with. `Age` and `Cache-Status` are the caller's to add.
 * `Last-Modified` only goes along where there is no `ETag`: a 304 is to be short, and carries other metadata only where a
 * cache needs it to find what it has stored (RFC 9110 §15.4.5).
 *
 * @example notModifiedHeaders([['ETag', '"1"'], ['Content-Type', 'text/html']]) // [['ETag', '"1"']]
 */
export function notModifiedHeaders(headers: HeaderList): HeaderList {
  const hasEtag = linesOf(headers, 'etag').length > 0
  return headers.filter(([name]) => {
    const lower = name.toLowerCase()
    return isKept(lower) || (lower === 'last-modified' && !hasEtag)
  })
}
