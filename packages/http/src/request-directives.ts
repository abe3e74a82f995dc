import type { CacheControl } from './cache-control.ts'
import { parseCacheControl } from './cache-control.ts'
import type { Profile } from './options.ts'

/** What a request says about the use of stored responses. */
export interface RequestDirectives {
  readonly control: CacheControl
  /** By how many seconds a response may be stale, Infinity for any; `undefined`: nothing said. */
  readonly maxStale: number | undefined
}

/** A stored response at this moment. Seconds. */
export interface Reusable {
  readonly age: number
  readonly lifetime: number
  readonly staleWhileRevalidate: number
  /** From `mayServeStale`. */
  readonly mayBeStale: boolean
}

/** What a request may get. `validate`: ask the handler. `fail`: answer 504 (RFC 9111 §5.2.1.7). */
export type Reuse = 'serve' | 'validate' | 'fail'

/** What reuse is decided by. */
export interface ReuseInput {
  readonly profile: Profile
  readonly directives: RequestDirectives
  /** `undefined`: nothing is stored. */
  readonly stored: Reusable | undefined
}

/** `max-stale` without a value, which `seconds` cannot tell from one with a wrong value. */
const ANY_STALENESS = /(?:^|,)[ \t]*max-stale[ \t]*(?:,|$)/i

/**
 * Reads the directives of a request (RFC 9111 §5.2.1). `Pragma: no-cache` counts where there is no `Cache-Control` (§5.4).
 *
 * @param header value of a header by its name in lower case
 * @example requestDirectives((name) => (name === 'cache-control' ? 'max-stale=5' : undefined)).maxStale // 5
 */
export function requestDirectives(header: (name: string) => string | undefined): RequestDirectives {
  const text = header('cache-control')
  if (text !== undefined) {
    const control = parseCacheControl([text])
    return { control, maxStale: ANY_STALENESS.test(text) ? Infinity : control.seconds('max-stale') }
  }
  const isPragma = parseCacheControl([header('pragma') ?? '']).has('no-cache')
  return { control: parseCacheControl(isPragma ? ['no-cache'] : []), maxStale: undefined }
}

function isFreshEnough({ control, maxStale }: RequestDirectives, stored: Reusable): boolean {
  const { age, lifetime, mayBeStale, staleWhileRevalidate } = stored
  const maxAge = control.seconds('max-age')
  if (maxAge !== undefined && age > maxAge) return false
  const minFresh = control.seconds('min-fresh')
  if (minFresh !== undefined && lifetime - age < minFresh) return false
  if (age < lifetime) return true
  if (!mayBeStale) return false
  // RFC 9111 §5.2.1.1: who limits the age wants nothing stale, unless `max-stale` is there too
  if (maxStale === undefined) return maxAge === undefined && age - lifetime < staleWhileRevalidate
  return age - lifetime <= maxStale
}

/**
 * Whether a request may be answered with what is stored. In `safe` the request has no say: a client can neither force a
 * load nor ask for more staleness than the windows allow. `no-store` of a request is not about what is stored already
 * (RFC 9111 §5.2.1.5).
 *
 * @returns `serve` also within the window of `stale-while-revalidate`; the refresh is the caller's
 * @example reuse({ profile: 'rfc9111', directives: requestDirectives(header), stored: undefined }) // 'validate'
 */
export function reuse({ profile, directives, stored }: ReuseInput): Reuse {
  if (profile === 'safe') {
    const isUsable = stored !== undefined && stored.age < stored.lifetime + stored.staleWhileRevalidate
    return isUsable ? 'serve' : 'validate'
  }
  const { control } = directives
  // RFC 9111 §5.2.1.4
  const isServed = stored !== undefined && !control.has('no-cache') && isFreshEnough(directives, stored)
  if (isServed) return 'serve'
  return control.has('only-if-cached') ? 'fail' : 'validate'
}
