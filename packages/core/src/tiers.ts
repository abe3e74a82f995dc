import { ShelflifeError, shown } from './errors.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { resolveLifetime } from './lifetime.ts'

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

const DEFAULTS: Readonly<Record<DefaultTier, LifetimeOptions>> = {
  realtime: { ttl: '1s', staleWhileRevalidate: '5s', staleIfError: '30s' },
  dynamic: { ttl: '1m', staleWhileRevalidate: '5m', staleIfError: '1h' },
  semiStatic: { ttl: '15m', staleWhileRevalidate: '1h', staleIfError: '1d' },
  static: { ttl: '6h', staleWhileRevalidate: '1d', staleIfError: '7d' },
  reference: { ttl: '7d', staleWhileRevalidate: '7d', staleIfError: '30d' },
  manual: { ttl: 'none' },
  absent: { ttl: '10s' },
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

const listed = (names: Iterable<string>): string => Array.from(names, (name) => `'${name}'`).join(', ')

/**
 * The default tiers with the user's laid over them.
 *
 * @throws ShelflifeError `invalid-option` for an unknown or circular `extends` and for a tier without `ttl`
 */
export function resolveTiers(own: Readonly<Record<string, TierOptions>> = {}): Tiers {
  const defaults: Readonly<Record<string, TierOptions>> = DEFAULTS
  const tiers = new Map<string, Lifetime>()

  function defaultTier(name: string): Lifetime {
    return Object.hasOwn(defaults, name) ? resolveLifetime(defaults[name] as TierOptions, NO_TIER, '') : NO_TIER
  }

  function resolve(name: string, path: readonly string[]): Lifetime {
    const done = tiers.get(name)
    if (done !== undefined) return done
    if (!Object.hasOwn(own, name)) {
      if (Object.hasOwn(defaults, name)) return defaultTier(name)
      const known = listed(new Set([...Object.keys(defaults), ...Object.keys(own)]))
      throw new ShelflifeError(
        'invalid-option',
        `tiers.${path.at(-1)}.extends must be one of ${known}; received '${name}'`,
      )
    }
    const options = own[name] as TierOptions
    const base = options.extends
    if (base !== undefined && base !== name && path.includes(base)) {
      throw new ShelflifeError(
        'invalid-option',
        `tiers.${name}.extends is circular: ${[...path, name, base].join(' → ')}`,
      )
    }
    const from = base === undefined || base === name ? defaultTier(name) : resolve(base, [...path, name])
    const lifetime = resolveLifetime(options, from, `tiers.${name}.`)
    if (Number.isNaN(lifetime.ttl)) {
      throw new ShelflifeError('invalid-option', `tiers.${name}.ttl is missing; state it or extend a tier that has one`)
    }
    tiers.set(name, lifetime)
    return lifetime
  }

  for (const name of new Set([...Object.keys(defaults), ...Object.keys(own)])) tiers.set(name, resolve(name, []))
  return tiers
}

/** @throws ShelflifeError `invalid-option` for a name that no tier has */
export function tierNamed(tiers: Tiers, name: string): Lifetime {
  const lifetime = tiers.get(name)
  if (lifetime !== undefined) return lifetime
  throw new ShelflifeError('invalid-option', `tier must be one of ${listed(tiers.keys())}; received ${shown(name)}`)
}
