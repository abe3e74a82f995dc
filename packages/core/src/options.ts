import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Codec } from './codec.ts'
import type { Duration } from './duration.ts'
import { toMilliseconds } from './duration.ts'
import { ShelflifeError, shown } from './errors.ts'
import type { Isolation } from './isolate.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { resolveLifetime } from './lifetime.ts'
import type { Logger } from './logger.ts'
import type { LocalStore, RemoteStore, Store } from './store.ts'
import type { DefaultTier, TierOptions, Tiers } from './tiers.ts'
import { resolveTiers, tierNamed } from './tiers.ts'

/** What `createCache` and every wrapper can set. */
export interface LoadOptions {
  /** What callers may do with the values they get. Default `freeze`. */
  readonly isolation?: Isolation
  /** After this long a stale value inside `staleIfError` is served while the load goes on. Default: never. */
  readonly softTimeout?: Duration
  /** After this long a load has failed: its signal is aborted and whatever it returns later is ignored. Default 1m. */
  readonly hardTimeout?: Duration
}

/** Options of `createCache`. `Tier` are the names of one's own tiers. */
export interface CacheOptions<Tier extends string = never> extends LoadOptions {
  /**
   * The part of the key space that this cache owns, such as `shop`: letters, digits, `.`, `_`, `-`, and `/` between
   * steps. Caches with the same namespace on the same remote store share their entries.
   */
  readonly namespace: string
  /** One store, or a local one in front of a remote one. */
  readonly store: Store | readonly [LocalStore, RemoteStore]
  /** Tiers of one's own, and default tiers changed. */
  readonly tiers?: { readonly [Name in Tier]: TierOptions<NoInfer<Tier> | DefaultTier> }
  /** What values are encoded with in the remote store. Default: the store's own. */
  readonly codec?: Codec
  /** No entry outlives this, whatever its tier says: for retention rules. Default: no limit. */
  readonly maxLifetime?: Duration
  /** How long a local copy may outlive an invalidation in another process whose message was lost. Default 1s. */
  readonly maxDrift?: Duration
  /** How long local copies are served after their last confirmation while the remote store is away. Default 30s. */
  readonly partitionTtl?: Duration
  /** How long a crashed process keeps others from loading. Running loads renew theirs. Default 3s. */
  readonly lease?: Duration
  /** Takes problems as warnings: pino, `console` or anything with the same methods. Never sees values. */
  readonly logger?: Logger
  /** Where a runtime stops when the response is sent, what keeps it alive for background work. */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** For tests. */
  readonly clock?: Clock
}

/** What can be said of single entries. */
export interface EntryOptions<Tier extends string> extends LifetimeOptions, LoadOptions {
  /** A named lifetime. What is stated beside it wins. Default `dynamic`. */
  readonly tier?: Tier
}

/** Options of `cached`. */
export interface CachedOptions<Args extends readonly unknown[], Tier extends string> extends EntryOptions<Tier> {
  /** First part of the key, once per cache: a letter, then letters, digits, `.`, `_`, `:` and `-`. */
  readonly name: string
  /** What of the arguments makes the key. Default: all of them. */
  readonly key?: (...args: Args) => unknown
  /** Part of the key: change it when the shape of the value changes. */
  readonly version?: string | number
  /** Labels for invalidating across keys, known before the load. A path: `catalog` also invalidates `catalog/tv`. */
  readonly tags?: readonly string[] | ((...args: Args) => readonly string[])
}

/** Options of `cache.set` and `cache.getOrLoad`. */
export interface ValueOptions<Tier extends string> extends EntryOptions<Tier> {
  /** Labels for invalidating across keys, known before the load. */
  readonly tags?: readonly string[]
}

/** What one wrapper does, resolved once. */
export interface Policy {
  readonly name: string
  readonly tier: string
  readonly lifetime: Lifetime
  readonly isolation: Isolation
  readonly softTimeout: number
  readonly hardTimeout: number
}

/** What the whole cache does, resolved once. */
export interface CachePolicy {
  readonly namespace: string
  readonly codec: Codec | undefined
  readonly tiers: Tiers
  readonly maxLifetime: number
  readonly maxDrift: number
  readonly partitionTtl: number
  readonly lease: number
  readonly isolation: Isolation
  readonly softTimeout: number
  readonly hardTimeout: number
  readonly clock: Clock
}

const NAMESPACE = /^[\w.-]+(?:\/[\w.-]+)*$/
const NAME = /^[A-Za-z][\w.:-]*$/
const VERSION = /^[\w.-]+$/

/** @throws ShelflifeError `invalid-option` */
export function checkNamespace(namespace: string): string {
  if (typeof namespace === 'string' && namespace.length <= 128 && NAMESPACE.test(namespace)) return namespace
  throw new ShelflifeError(
    'invalid-option',
    `namespace must be 1 to 128 letters, digits, '.', '_', '-', with '/' between steps; received ${shown(namespace)}`,
  )
}

/** @throws ShelflifeError `invalid-option` */
export function checkName(name: string, version: string | number | undefined): string {
  if (typeof name !== 'string' || name.length > 128 || !NAME.test(name)) {
    throw new ShelflifeError(
      'invalid-option',
      `name must be a letter followed by letters, digits, '.', '_', ':' or '-', at most 128 in all; received ${shown(name)}`,
    )
  }
  if (version === undefined) return name
  if (VERSION.test(`${version}`)) return `${name}@${version}`
  throw new ShelflifeError(
    'invalid-option',
    `version must be a number or letters, digits, '.', '_' and '-'; received ${shown(version)}`,
  )
}

const ISOLATIONS: readonly unknown[] = ['freeze', 'clone', 'share'] satisfies Isolation[]

function resolveLoad(options: LoadOptions, base: Pick<CachePolicy, keyof LoadOptions>): Required<typeof base> {
  const { isolation = base.isolation, softTimeout, hardTimeout } = options
  if (!ISOLATIONS.includes(isolation)) {
    throw new ShelflifeError(
      'invalid-option',
      `isolation must be 'freeze', 'clone' or 'share'; received ${shown(isolation)}`,
    )
  }
  return {
    isolation,
    softTimeout: softTimeout === undefined ? base.softTimeout : toMilliseconds(softTimeout, 'softTimeout'),
    hardTimeout: hardTimeout === undefined ? base.hardTimeout : toMilliseconds(hardTimeout, 'hardTimeout'),
  }
}

const orElse = (duration: Duration | undefined, otherwise: number, option: string): number =>
  duration === undefined ? otherwise : toMilliseconds(duration, option)

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveCache(options: CacheOptions<string>): CachePolicy {
  return {
    namespace: checkNamespace(options.namespace),
    codec: options.codec,
    ...resolveLoad(options, { isolation: 'freeze', softTimeout: Infinity, hardTimeout: 60_000 }),
    tiers: resolveTiers(options.tiers),
    maxLifetime: orElse(options.maxLifetime, Infinity, 'maxLifetime'),
    maxDrift: orElse(options.maxDrift, 1000, 'maxDrift'),
    partitionTtl: orElse(options.partitionTtl, 30_000, 'partitionTtl'),
    lease: orElse(options.lease, 3000, 'lease'),
    clock: options.clock ?? systemClock,
  }
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolvePolicy(name: string, options: EntryOptions<string>, cache: CachePolicy): Policy {
  const tier = options.tier ?? 'dynamic'
  return {
    ...resolveLoad(options, cache),
    name,
    tier,
    lifetime: resolveLifetime(options, tierNamed(cache.tiers, tier), ''),
  }
}

/** @throws ShelflifeError `invalid-option` */
export function resolveStores(store: CacheOptions['store']): {
  readonly local: LocalStore | undefined
  readonly remote: RemoteStore | undefined
} {
  const stores = (Array.isArray(store) ? store : [store]) as readonly Store[]
  const [first, second] = stores
  if (stores.length === 1 && first?.kind === 'local') return { local: first, remote: undefined }
  if (stores.length === 1 && first?.kind === 'remote') return { local: undefined, remote: first }
  if (stores.length === 2 && first?.kind === 'local' && second?.kind === 'remote')
    return { local: first, remote: second }
  throw new ShelflifeError(
    'invalid-option',
    'store must be one store or [localStore, remoteStore], such as memoryStore() or [memoryStore(), ioredisStore(url)]',
  )
}
