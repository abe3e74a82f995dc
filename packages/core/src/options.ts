import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Codec } from './codec.ts'
import type { Duration } from './duration.ts'
import { toMilliseconds } from './duration.ts'
import { checkNames, refuseOption } from './errors.ts'
import type { Isolation } from './isolate.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { LIFETIME_OPTIONS, NO_WINDOWS, resolveLifetime } from './lifetime.ts'
import type { LoadGuard } from './load-guard.ts'
import type { Logger } from './logger.ts'
import type { LocalStore, RemoteStore, Store } from './store.ts'
import type { DefaultTier, TierOptions, Tiers } from './tiers.ts'
import { resolveTiers, tierNamed } from './tiers.ts'

/** How much of an invalidation must be done. */
export interface InvalidationOptions {
  /**
   * `remote`: reject with ShelflifeError `remote-unreachable` instead of resolving with `queued`. The invalidation has
   * taken effect in this process all the same, and is made up for when the remote store answers again. Default `local`.
   */
  readonly require?: 'local' | 'remote' | undefined
}

/** What `createCache` and every wrapper can set. */
export interface LoadOptions extends InvalidationOptions {
  /** What callers may do with the values they get. Default `freeze`. */
  readonly isolation?: Isolation
  /** After this long a stale value inside `staleIfError` is served while the load goes on. Default: never. */
  readonly softTimeout?: Duration
  /** After this long a load has failed: its signal is aborted and whatever it returns later is ignored. Default 1m. */
  readonly hardTimeout?: Duration
  /**
   * What stands around every run of a loader, the first one outermost: `limitLoads()`, `retryLoads()`. A guard of the
   * cache stands inside those of a function, not in their place; one that is given twice counts once. Made once,
   * not for each call. Default: none.
   */
  readonly guard?: LoadGuard | readonly LoadGuard[]
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
  /** Where a runtime ends what a request began, as Workers do, what keeps loads and background work alive. */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** For tests. */
  readonly clock?: Clock
}

/** What can be said of single entries. */
export interface EntryOptions<Tier extends string> extends LifetimeOptions, LoadOptions {
  /** A named lifetime. What is stated beside it wins. Default `dynamic`; beside a `ttl` without its stale windows. */
  readonly tier?: Tier
}

/** Options of `cached`. */
export interface CachedOptions<Args extends readonly unknown[], Tier extends string> extends EntryOptions<Tier> {
  /** First part of the key, once per cache: a letter, then letters, digits, `.`, `_`, `:` and `-`. */
  readonly name: string
  /** What of the arguments makes the key. Default: all of them. */
  readonly key?: NoInfer<(...args: Args) => unknown>
  /** Part of the key: change it when the shape of the value changes. */
  readonly version?: string | number
  /** Labels for invalidating across keys, known before the load. A path: `catalog` also invalidates `catalog/tv`. */
  readonly tags?: readonly string[] | NoInfer<(...args: Args) => readonly string[]>
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
  /** What a `ttl` that the load states is laid over. */
  underTtl(): Lifetime
  readonly isolation: Isolation
  readonly softTimeout: number
  readonly hardTimeout: number
  readonly guard: readonly LoadGuard[]
  readonly require?: InvalidationOptions['require']
}

/** What the whole cache does, resolved once. What only a remote store needs is in `RemotePolicy`. */
export interface CachePolicy {
  readonly namespace: string
  readonly tiers: Tiers
  readonly maxLifetime: number
  readonly isolation: Isolation
  readonly softTimeout: number
  readonly hardTimeout: number
  readonly guard: readonly LoadGuard[]
  readonly require?: InvalidationOptions['require']
  readonly clock: Clock
}

const NAMESPACE = /^[\w.-]+(?:\/[\w.-]+)*$/
const NAME = /^[A-Za-z][\w.:-]*$/
const VERSION = /^[\w.-]+$/

const isName = (name: unknown, pattern: RegExp): boolean =>
  typeof name === 'string' && name.length <= 128 && pattern.test(name)

/** @throws ShelflifeError `invalid-option` */
export function checkNamespace(namespace: string, above?: string): string {
  if (typeof namespace === 'string') {
    const full = above === undefined ? namespace : `${above}/${namespace}`
    if (isName(full, NAMESPACE)) return full
  }
  const mustBe = "1 to 128 letters, digits, '.', '_', '-', '/' between steps"
  return refuseOption('namespace', mustBe, namespace)
}

/** @throws ShelflifeError `invalid-option` */
export function checkName(name: string, version: string | number | undefined): string {
  if (!isName(name, NAME)) {
    refuseOption('name', "1 to 128 letters, digits, '.', '_', '-', ':', a letter first", name)
  }
  if (version === undefined) return name
  const isText = typeof version === 'string' && VERSION.test(version)
  if (isText || Number.isFinite(version)) return `${name}@${version}`
  return refuseOption('version', "a number, or letters, digits, '.', '_', '-'", version)
}

/** @throws ShelflifeError `invalid-option` */
export function requireFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') refuseOption(option, 'a function', value)
}

/** @throws ShelflifeError `invalid-option` */
export function checkFunction(option: string, value: unknown): void {
  if (value !== undefined) requireFunction(option, value)
}

/** What is given as an object with these methods. */
function requireMethods(option: string, object: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    requireFunction(`${option}.${method}`, (object as Record<string, unknown> | null)?.[method])
  }
}

/** @throws ShelflifeError `invalid-option` */
export const checkClock = (clock: Clock): void => requireMethods('clock', clock, ['now', 'after'])

/** @throws ShelflifeError `invalid-option` */
export const checkCodec = (codec: Codec): void => requireMethods('codec', codec, ['encode', 'decode'])

const LOAD_OPTIONS = ['isolation', 'softTimeout', 'hardTimeout', 'guard', 'require'] as const
const DURATIONS = ['maxLifetime', 'maxDrift', 'partitionTtl', 'lease'] as const
const CONTEXT_OPTIONS = new Set([...LIFETIME_OPTIONS, 'tier'])
const VALUE_OPTIONS = new Set([...CONTEXT_OPTIONS, ...LOAD_OPTIONS, 'tags'])
const CACHED_OPTIONS = new Set(['name', 'key', 'version', 'context', ...VALUE_OPTIONS])
const INVALIDATION_OPTIONS = new Set(['require'])
const CACHE_OPTIONS = new Set([
  'namespace',
  'store',
  'tiers',
  'codec',
  'logger',
  'waitUntil',
  'clock',
  ...DURATIONS,
  ...LOAD_OPTIONS,
])

/** What is in a list is made of data, and one that is none can only be a mistake. @throws ShelflifeError `invalid-option` */
export function checkValueOptions(of: string, options: { readonly tags?: unknown }): void {
  checkNames(of, options, VALUE_OPTIONS)
  const { tags = [] } = options
  if (!Array.isArray(tags)) refuseOption('tags', 'an array of strings', tags)
}

/** @throws ShelflifeError `invalid-option` */
export function checkCachedOptions(options: { readonly context?: unknown }): void {
  checkNames('options of cached()', options, CACHED_OPTIONS)
  const { context = false } = options
  if (typeof context !== 'boolean') refuseOption('context', 'true or false', context)
}

/** What a load context may state. @throws ShelflifeError `invalid-option` */
export const checkContextLifetime = (options: unknown): void => checkNames('context.lifetime', options, CONTEXT_OPTIONS)

/** @throws ShelflifeError `invalid-option` */
export function checkInvalidation(options: InvalidationOptions): void {
  checkNames('options', options, INVALIDATION_OPTIONS)
  checkRequire(options.require)
}

function checkRequire(require: unknown): void {
  if (![undefined, 'local', 'remote'].includes(require as undefined)) {
    refuseOption('require', "'local' or 'remote'", require)
  }
}

const ISOLATIONS: readonly unknown[] = ['freeze', 'clone', 'share'] satisfies Isolation[]

type LoadPolicy = Pick<CachePolicy, keyof LoadOptions>

function resolveLoad(options: LoadOptions, base: LoadPolicy): LoadPolicy {
  const { isolation = base.isolation, require = base.require, softTimeout, hardTimeout, guard } = options
  if (!ISOLATIONS.includes(isolation)) refuseOption('isolation', `one of ${ISOLATIONS.join(', ')}`, isolation)
  checkRequire(require)
  return {
    isolation,
    require,
    softTimeout: orElse(softTimeout, base.softTimeout, 'softTimeout'),
    hardTimeout: orElse(hardTimeout, base.hardTimeout, 'hardTimeout'),
    guard: guard === undefined ? base.guard : guardsOf(guard, base.guard),
  }
}

/** One that stood around itself would wait for itself. */
function guardsOf(...guards: readonly NonNullable<LoadOptions['guard']>[]): readonly LoadGuard[] {
  const all = new Set(guards.flat())
  for (const guard of all) requireFunction('guard', guard)
  return [...all]
}

export const orElse = (duration: Duration | undefined, otherwise: number, option: string): number =>
  duration === undefined ? otherwise : toMilliseconds(duration, option)

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolveCache(options: CacheOptions<string>): CachePolicy {
  checkNames('options of createCache()', options, CACHE_OPTIONS)
  const { logger, waitUntil, codec, clock = systemClock } = options
  checkFunction('waitUntil', waitUntil)
  // by whatever store they are used
  for (const name of DURATIONS) orElse(options[name], 0, name)
  checkClock(clock)
  if (codec !== undefined) checkCodec(codec)
  if (logger !== undefined) requireMethods('logger', logger, ['warn', 'error'])
  return {
    namespace: checkNamespace(options.namespace),
    ...resolveLoad(options, {
      isolation: 'freeze',
      softTimeout: Infinity,
      hardTimeout: 60_000,
      guard: [],
    }),
    tiers: resolveTiers(options.tiers),
    maxLifetime: orElse(options.maxLifetime, Infinity, 'maxLifetime'),
    clock,
  }
}

/** @throws ShelflifeError `invalid-option`, `invalid-duration` */
export function resolvePolicy(name: string, options: EntryOptions<string>, cache: CachePolicy): Policy {
  const { tier = 'dynamic' } = options
  const base = tierNamed(cache.tiers, tier)
  // who states how long a value is fresh, and nothing else, does not want it served for longer
  const underTtl = (): Lifetime =>
    resolveLifetime(options, options.tier === undefined ? { ...base, ...NO_WINDOWS } : base, '')
  return {
    ...resolveLoad(options, cache),
    name,
    tier,
    lifetime: options.ttl === undefined ? resolveLifetime(options, base, '') : underTtl(),
    underTtl,
  }
}

const LOCAL_METHODS = ['get', 'peek', 'set', 'delete', 'clear', 'keys', 'usage', 'onEvict', 'close']

/** @throws ShelflifeError `invalid-option` */
export function resolveStores(store: CacheOptions['store']): {
  readonly local: LocalStore | undefined
  readonly remote: RemoteStore | undefined
} {
  const stores = [store].flat() as readonly (Store | undefined)[]
  const kinds = stores.map((one) => one?.kind).join()
  if (!['local', 'remote', 'local,remote'].includes(kinds)) {
    refuseOption('store', 'memoryStore(), a remote store, or [memoryStore(), remoteStore]', store)
  }
  for (const one of stores as readonly Store[]) {
    for (const method of one.kind === 'local' ? LOCAL_METHODS : ['protocol', 'read', 'open']) {
      const made = one.kind === 'local' ? 'a method' : 'what @shelflife/core/protocol and the contract RemoteStore say'
      if (typeof one[method as keyof Store] !== 'function') refuseOption(`store.${method}`, made, undefined)
    }
  }
  const [local, remote] = kinds === 'remote' ? [undefined, ...stores] : stores
  return { local: local as LocalStore | undefined, remote: remote as RemoteStore | undefined }
}
