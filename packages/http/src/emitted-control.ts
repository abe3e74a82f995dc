import type { HeaderList } from './header-list.ts'

/** How long copies of a response may be used without asking here. Seconds, from now on. */
export interface CopyLifetimes {
  /** By browsers. Default 0: they ask each time, which costs a 304. Nothing reaches their copies to invalidate them. */
  readonly browser?: number
  /** By caches in between. Default 0. More only where an invalidation reaches them too, as with the purge of a CDN. */
  readonly shared?: number
  /** How much longer caches in between may use a copy that they are refreshing (RFC 5861). Default 0. */
  readonly staleWhileRevalidate?: number
  /** How much longer caches in between may use a copy when asking fails (RFC 5861). Default 0. */
  readonly staleIfError?: number
  /** `Age` that the response goes out with: copies count from there (RFC 9111 §4.2.3). Default 0. */
  readonly age?: number
}

/** The most that all can count: Squid takes one more, the number of RFC 9111 §1.2.2, for none. */
const MOST = 2 ** 31 - 1

const whole = (seconds = 0): number => Math.min(Math.max(Math.floor(seconds), 0), MOST) || 0

/**
 * `Cache-Control` for a response whose handler set none, and `CDN-Cache-Control` (RFC 9213) where caches in between may
 * keep it. Seconds are rounded down, so that no copy is used for longer than is enforced here.
 *
 * By default `no-cache`: whoever keeps a copy asks before each use, so that an invalidation here holds everywhere at
 * once and costs a 304. The stale windows only stand in `CDN-Cache-Control`, because browsers obey them too.
 *
 * @example emittedControl({}) // [['Cache-Control', 'no-cache']]
 * @example emittedControl({ browser: 60 }) // [['Cache-Control', 'max-age=60, s-maxage=0']]
 */
export function emittedControl(lifetimes: CopyLifetimes): HeaderList {
  const [browser, shared, age] = [whole(lifetimes.browser), whole(lifetimes.shared), whole(lifetimes.age)]
  if (browser === 0 && shared === 0) return [['Cache-Control', 'no-cache']]
  // A copy is as old as the original: without `age` one that comes out of the store would be stale on arrival.
  const until = (seconds: number): number => (seconds === 0 ? 0 : whole(age + seconds))
  const control = ['Cache-Control', `max-age=${until(browser)}, s-maxage=${until(shared)}`] as const
  if (shared === 0) return [control]
  const cdn = [`max-age=${until(shared)}`]
  const windows = {
    'stale-while-revalidate': whole(lifetimes.staleWhileRevalidate),
    'stale-if-error': whole(lifetimes.staleIfError),
  }
  for (const [name, seconds] of Object.entries(windows)) if (seconds > 0) cdn.push(`${name}=${seconds}`)
  return [control, ['CDN-Cache-Control', cdn.join(', ')]]
}
