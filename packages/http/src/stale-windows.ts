import type { CacheControl } from './cache-control.ts'

/** For how long a response may be served after it has become stale, in seconds; 0: not at all. */
export interface StaleWindows {
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

/** What the windows are worked out from. */
export interface StaleWindowsInput {
  /** What is in force, from `effectiveControl`. */
  readonly control: CacheControl
  /** Windows of the configuration, for a response that states none. */
  readonly configured: StaleWindows
}

/**
 * Whether a stale response may be served at all (RFC 9111 §4.2.4). `s-maxage` forbids it as `proxy-revalidate` does
 * (§5.2.2.10), also beside a `stale-while-revalidate`; a handler that wants both says `max-age`.
 *
 * @example mayServeStale(parseCacheControl(['s-maxage=60'])) // false
 */
export const mayServeStale = (control: CacheControl): boolean =>
  !['must-revalidate', 'proxy-revalidate', 's-maxage'].some(control.has) &&
  // one that names fields is about these alone, and they are not stored
  control.fields('no-cache')?.length !== 0

/**
 * The windows of RFC 5861: as the response states them, else as configured. Both are 0 where stale responses may not be
 * served.
 *
 * @example staleWindows({ control: parseCacheControl(['stale-if-error=60']), configured })
 * // { staleWhileRevalidate: configured.staleWhileRevalidate, staleIfError: 60 }
 */
export function staleWindows({ control, configured }: StaleWindowsInput): StaleWindows {
  if (!mayServeStale(control)) return { staleWhileRevalidate: 0, staleIfError: 0 }
  return {
    staleWhileRevalidate: control.seconds('stale-while-revalidate') ?? configured.staleWhileRevalidate,
    staleIfError: control.seconds('stale-if-error') ?? configured.staleIfError,
  }
}
