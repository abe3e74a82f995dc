import type { Duration } from './duration.ts'
import { toMilliseconds, toPeriod } from './duration.ts'
import { refuseOption } from './errors.ts'

/** How long entries live, as the user says it. All of it can be left out. */
export interface LifetimeOptions {
  /**
   * How long a value is fresh; `'none'`: until it is invalidated. 0, negative numbers and NaN are refused. Stated without a
   * tier, there are no stale windows but those that are stated too.
   */
  readonly ttl?: Duration | 'none'
  /** How long after `ttl` a value is served while it is refreshed in the background (RFC 5861). 0: not at all. */
  readonly staleWhileRevalidate?: Duration
  /** How long after `ttl` a value is served when loading fails or is slow (RFC 5861). 0: not at all. */
  readonly staleIfError?: Duration
  /** Share of `ttl` of which a random part is taken off, so that entries do not expire together. 0 to 1, default 0.1. */
  readonly jitter?: number
  /** Last share of `ttl` in which a read starts a refresh although the value is fresh. 0 to 1, default 0. */
  readonly earlyRefresh?: number
  /** Whether each read starts `ttl` anew. Default false. `maxLifetime` still ends it. */
  readonly sliding?: boolean
}

/** The same, complete and in milliseconds. `ttl` is `Infinity` for `'none'`. */
export interface Lifetime {
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly jitter: number
  readonly earlyRefresh: number
  readonly sliding: boolean
}

/** Of a `ttl` that is stated without a tier. */
export const NO_WINDOWS: Pick<Lifetime, 'staleWhileRevalidate' | 'staleIfError'> = {
  staleWhileRevalidate: 0,
  staleIfError: 0,
}

export const LIFETIME_OPTIONS: readonly (keyof LifetimeOptions)[] = [
  'ttl',
  'staleWhileRevalidate',
  'staleIfError',
  'jitter',
  'earlyRefresh',
  'sliding',
]

function share(value: number, option: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  return refuseOption(option, 'a number from 0 to 1', value)
}

function isTrue(value: boolean, option: string): boolean {
  return typeof value === 'boolean' ? value : refuseOption(option, 'true or false', value)
}

/** What `options` says, and `base` where it is silent. `where` names the place for messages. */
export function resolveLifetime(options: LifetimeOptions, base: Lifetime, where: string): Lifetime {
  function either<Name extends keyof Lifetime>(
    name: Name,
    resolve: (value: never, option: string) => Lifetime[Name],
  ): Lifetime[Name] {
    const value = options[name]
    return value === undefined ? base[name] : resolve(value as never, where + name)
  }
  return {
    ttl: options.ttl === 'none' ? Infinity : either('ttl', toMilliseconds),
    staleWhileRevalidate: either('staleWhileRevalidate', toPeriod),
    staleIfError: either('staleIfError', toPeriod),
    jitter: either('jitter', share),
    earlyRefresh: either('earlyRefresh', share),
    sliding: either('sliding', isTrue),
  }
}

/** A `ttl` with its random part taken off: never longer than stated. */
export const jittered = ({ ttl, jitter }: Lifetime): number => ttl * (1 - jitter * Math.random())

/** How long a store must keep an entry of this lifetime. */
export const retention = (lifetime: Lifetime): number =>
  lifetime.ttl + Math.max(lifetime.staleWhileRevalidate, lifetime.staleIfError)
