import type { Duration } from './duration.ts'
import { checkNames, refuseOption, requireObject } from './errors.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { LIFETIME_OPTIONS, resolveLifetime } from './lifetime.ts'

/**
 * The lifetimes that every cache knows, named by how fast the data changes.
 *
 * | tier | ttl | staleWhileRevalidate | staleIfError |
 * |---|---|---|---|
 * | `realtime` | 1s | 5s | 30s |
 * | `dynamic` | 1m | 5m | 1h |
 * | `semiStatic` | 15m | 1h | 1d |
 * | `static` | 6h | 1d | 7d |
 * | `reference` | 7d | 7d | 30d |
 * | `manual` | none | 0 | 0 |
 * | `absent` (for `null`) | 10s | 0 | 0 |
 */
export type DefaultTier = 'realtime' | 'dynamic' | 'semiStatic' | 'static' | 'reference' | 'manual' | 'absent'

const DEFAULTS: Readonly<Record<string, readonly NonNullable<LifetimeOptions['ttl']>[]>> = {
  realtime: ['1s', '5s', '30s'],
  dynamic: ['1m', '5m', '1h'],
  semiStatic: ['15m', '1h', '1d'],
  static: ['6h', '1d', '7d'],
  reference: ['7d', '7d', '30d'],
  manual: ['none', 0, 0],
  absent: ['10s', 0, 0],
}

/** A tier of one's own, or a default one changed. What it leaves out comes from the tier it extends. */
export interface TierOptions<Name extends string = string> extends LifetimeOptions {
  /** The tier to start from. Default: the default tier of the same name, else no stale windows. */
  readonly extends?: Name
}

export type Tiers = ReadonlyMap<string, Lifetime>

const NO_TIER: Lifetime = {
  ttl: Number.NaN,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  jitter: 0.1,
  earlyRefresh: 0,
  sliding: false,
}

const TIER_OPTIONS = new Set(['extends', ...LIFETIME_OPTIONS])

const listed = (names: Iterable<string>): string => [...names].join(', ')

/**
 * The default tiers with the user's laid over them.
 *
 * @throws ShelflifeError `invalid-option` for an unknown or circular `extends` and for a tier without `ttl`
 */
export function resolveTiers(own: Readonly<Record<string, TierOptions>> = {}): Tiers {
  requireObject('tiers', own)
  const names = Object.keys({ ...DEFAULTS, ...own })
  const tiers = new Map<string, Lifetime>()

  function defaultTier(name: string): Lifetime {
    if (!Object.hasOwn(DEFAULTS, name)) return NO_TIER
    const [ttl, staleWhileRevalidate, staleIfError] = DEFAULTS[name] as readonly Duration[]
    return resolveLifetime({ ttl, staleWhileRevalidate, staleIfError } as LifetimeOptions, NO_TIER, '')
  }

  function resolve(name: string, path: readonly string[]): Lifetime {
    const done = tiers.get(name)
    if (done !== undefined) return done
    const where = `tiers.${name}`
    const options = Object.hasOwn(own, name) ? (own[name] as TierOptions) : {}
    checkNames(where, options, TIER_OPTIONS)
    const base = options.extends ?? name
    // not one that leads back here
    const allowed = names.filter((one) => !path.includes(one))
    if (!allowed.includes(base)) refuseOption(`${where}.extends`, `one of ${listed(allowed)}`, base)
    const from = base === name ? defaultTier(name) : resolve(base, [...path, name])
    const lifetime = resolveLifetime(options, from, `${where}.`)
    if (Number.isNaN(lifetime.ttl)) refuseOption(`${where}.ttl`, 'stated here or in `extends`', undefined)
    tiers.set(name, lifetime)
    return lifetime
  }

  for (const name of names) resolve(name, [])
  return tiers
}

/** @throws ShelflifeError `invalid-option` for a name that no tier has */
export const tierNamed = (tiers: Tiers, name: string): Lifetime =>
  tiers.get(name) ?? refuseOption('tier', `one of ${listed(tiers.keys())}`, name)
