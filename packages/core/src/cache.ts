import { createOutside } from './async-hooks.ts'
import { createBackground } from './background.ts'
import { createBackoff } from './backoff.ts'
import type { BusMessage } from './bus.ts'
import type { AnyCachedOptions, Cached, ReadResult, Scope } from './cached.ts'
import { createCached, resultOf } from './cached.ts'
import type { CachedFunction, ParametersOf, WithoutThis } from './cached-function.ts'
import type { Engine } from './engine.ts'
import { compare } from './engine.ts'
import type { Entry } from './entry.ts'
import { refuseOption } from './errors.ts'
import type { CacheEvents, EventType } from './events.ts'
import { createEvents } from './events.ts'
import type { Health, StoreHealth } from './health.ts'
import type { Invalidation } from './invalidate.ts'
import { invalidate, invalidateTags, whenClosed } from './invalidate.ts'
import { createInvalidations } from './invalidations.ts'
import { createKeepAlive } from './keep-alive.ts'
import { encodeKey } from './key.ts'
import { deliver, lifetimeFor } from './loader.ts'
import { attachLogger, warnWithoutLogger } from './logger.ts'
import { createMemoBudget } from './memo-budget.ts'
import { onePerProcess } from './one-per-process.ts'
import type { CachedOptions, CacheOptions, InvalidationOptions, Policy, ValueOptions } from './options.ts'
import {
  requireFunction,
  checkInvalidation,
  checkNamespace,
  checkValueOptions,
  resolveCache,
  resolvePolicy,
  resolveStores,
} from './options.ts'
import { get, read } from './read.ts'
import type { Remote } from './remote.ts'
import type { LoadContext, Lookup, Request } from './request.ts'
import { set } from './set.ts'
import type { CacheStats } from './stats.ts'
import { createStats } from './stats.ts'
import type { RemoteStore, Store } from './store.ts'
import { expandGiven, shared, withAbove } from './tags.ts'
import type { DefaultTier } from './tiers.ts'
import { followLoads } from './within-load.ts'
import { createWrapped } from './wrapped.ts'

/** Anything a key can be built from: `'user:42'`, `['user', 42]`, `{ user: 42 }`. */
export type Key = string | number | bigint | readonly unknown[] | Readonly<Record<string, unknown>>

/**
 * A cache. `Tier` are the names of its tiers.
 *
 * @example
 * const cache = createCache({ namespace: 'shop', store: memoryStore() })
 * const getProduct = cache.cached(loadProduct, { name: 'product', tier: 'semiStatic' })
 */
export interface Cache<Tier extends string = DefaultTier> {
  /**
   * With `context: true` the function is given a load context before the arguments, to decide tags and lifetime from
   * the value. Parameters with a default need their type written.
   *
   * @example
   * const getPage = cache.cached(
   *   async (context, slug: string) => {
   *     const page = await loadPage(slug, { signal: context.signal })
   *     context.tag(`author/${page.author}`)
   *     return page
   *   },
   *   { name: 'page', context: true },
   * )
   */
  cached<Args extends readonly unknown[], Result>(
    fn: (this: void, context: LoadContext<Awaited<NoInfer<Result>>, Tier>, ...args: Args) => Result,
    options: CachedOptions<Args, Tier> & { readonly context: true },
  ): Cached<Args, Awaited<Result>>
  /**
   * Wraps a function: the same parameters and result, answered from the cache where possible.
   *
   * @throws ShelflifeError `invalid-option`, `invalid-duration`, `duplicate-name`
   * @example
   * const getProduct = cache.cached(loadProduct, {
   *   name: 'product',
   *   tier: 'semiStatic',
   *   tags: (id) => [`product:${id}`],
   * })
   * await getProduct(42)
   * await getProduct.invalidate(42)
   */
  // without a signature of ours that parameters could take their types from: they have their own, or that of their default
  cached<Fn extends Function>(
    fn: Fn & WithoutThis<Fn>,
    options: CachedOptions<ParametersOf<Fn>, Tier> & { readonly context?: false },
  ): CachedFunction<Fn>

  /** A value that was set or loaded under this key, while it is fresh; else `undefined`. */
  get<Value = unknown>(key: Key): Promise<Value | undefined>
  /** The same, with what is known about the value. */
  read<Value = unknown>(key: Key): Promise<ReadResult<Value> | undefined>
  /** Puts a value under a key. Loads of the key that are running are fenced off. */
  set(key: Key, value: {} | null, options?: ValueOptions<Tier>): Promise<Invalidation>
  /** The value under a key, loaded if there is none. The options count for the load. */
  getOrLoad<Result>(
    key: Key,
    load: (context: LoadContext<unknown, Tier>) => Result,
    options?: ValueOptions<Tier>,
  ): Promise<Awaited<Result>>
  /** Gone now, on every process, also for loads that are running. */
  invalidate(key: Key, options?: InvalidationOptions): Promise<Invalidation>
  /** Stale now: loaded values are still served while they are refreshed. */
  expire(key: Key, options?: InvalidationOptions): Promise<Invalidation>
  /** Invalidates every entry that has one of these tags or a tag below it. One command, however many entries. */
  invalidateTags(tags: readonly string[], options?: InvalidationOptions): Promise<Invalidation>
  /** Makes every entry that has one of these tags or a tag below it stale. */
  expireTags(tags: readonly string[], options?: InvalidationOptions): Promise<Invalidation>
  /** Invalidates everything in this namespace and the ones below it, and nothing else. One command. */
  clear(options?: InvalidationOptions): Promise<Invalidation>

  /**
   * The same cache with a key space of its own below this one, such as one for each tenant. Cheap: nothing is kept for
   * a namespace, and loads are shared between two that are called the same.
   *
   * @throws ShelflifeError `invalid-option`
   */
  namespace(name: string): Cache<Tier>
  /** Listens to one type of event. Returns what stops it. Nothing is paid for events of reads and loads that nobody listens to. */
  on<T extends EventType>(type: T, listener: (event: CacheEvents[T]) => void): () => void
  /**
   * How the stores do, for a readiness endpoint.
   *
   * @example response.status(cache.health().ok ? 200 : 503).json(cache.health())
   */
  health(): Health
  /** Counts since the cache was created, in all and by name. */
  stats(): CacheStats
  /**
   * Waits for what is running, tells the remote store what it is owed, stops all timers and closes the stores (not clients
   * that were given to them). Calls after that go to the loader. What the store could not be told any more is said by the
   * event `untold`, and by `health()`.
   */
  close(): Promise<void>
}

const owned = /* @__PURE__ */ onePerProcess('owned', () => new WeakSet<object>())

/** What is behind a cache, for `@shelflife/core/inspect`. */
export const behind: WeakMap<object, readonly [engine: Engine, namespace: string]> = /* @__PURE__ */ onePerProcess(
  'caches',
  () => new WeakMap(),
)

function checkOwned(stores: readonly Store[]): void {
  for (const store of stores) {
    const how = store.kind === 'remote' ? 'give the client to a store of its own for' : 'make one for'
    if (owned.has(store))
      refuseOption('store', `a ${store.kind} store that no other cache has or had; ${how} each cache`, store)
  }
}

/**
 * Creates a cache.
 *
 * @throws ShelflifeError `invalid-option`, `invalid-duration`
 * @example
 * const cache = createCache({
 *   namespace: 'shop',
 *   store: memoryStore(),
 *   tiers: { quotes: { extends: 'realtime', ttl: '200ms' } },
 * })
 */
export function createCache<Tier extends string = never>(options: CacheOptions<Tier>): Cache<DefaultTier | Tier> {
  const policy = resolveCache(options)
  const { local, remote: remoteStore } = resolveStores(options.store)
  const stores = [local, remoteStore].filter((store) => store !== undefined)
  checkOwned(stores)
  const { clock } = policy
  const events = createEvents()
  const { sinks } = events
  if (options.logger === undefined) warnWithoutLogger(events)
  else attachLogger(events, options.logger, clock)
  const stats = createStats(events.on)
  followLoads()
  const background = createBackground(sinks, options.waitUntil)
  const engine: Engine = {
    options,
    policy,
    limits: { maxLifetime: policy.maxLifetime, maxDrift: Infinity },
    clock,
    sinks,
    stats,
    background,
    keepAlive: createKeepAlive(clock),
    backoff: createBackoff(clock),
    invalidations: createInvalidations({ clock, local, compare: (key) => compare(engine, key) }),
    memos: createMemoBudget(),
    flights: new Map(),
    writes: new Map(),
    setsOf: new Map(),
    wrapped: createWrapped(),
    local,
    remote: undefined,
    trustedUntil: Infinity,
    outside: createOutside(),
    shorten: (key) => key,
    closed: false,
  }
  if (remoteStore !== undefined) {
    engine.remote = (remoteStore.protocol as (engine: Engine, store: RemoteStore) => Remote)(engine, remoteStore)
  }
  for (const store of stores) owned.add(store)
  local?.onEvict(({ key, entry, reason, error }) => {
    const { name } = entry as Entry
    if (reason === 'unsized') return sinks.skip?.({ key, name, because: 'unsupported', error })
    stats.of(name).evictions++
    sinks.evict?.({ key, name, reason })
  })

  let closing: Promise<void> | undefined
  async function end(): Promise<void> {
    engine.closed = true
    await background.settled()
    local?.close()
    await engine.remote?.close()
  }
  const close = (): Promise<void> => (closing ??= engine.keepAlive.during(end()))

  return createView<DefaultTier | Tier>(engine, events.on, policy.namespace, close)
}

/** The cache as it is seen from one namespace. */
function createView<Tier extends string>(
  engine: Engine,
  on: Cache['on'],
  namespace: string,
  close: () => Promise<void>,
): Cache<Tier> {
  const scope: Scope = { namespace, tags: shared(withAbove(namespace)), names: new Set() }
  const bare: Policy = resolvePolicy('', {}, engine.policy)

  const fullKey = (key: Key): string => engine.shorten(`${namespace}/${encodeKey(key)}`)
  const lookup = (key: Key): Lookup => ({ key: fullKey(key), policy: bare, tags: scope.tags })

  /** Nobody is kept from a value by what is no tag. */
  function given(tags: readonly string[] | undefined): readonly string[] {
    if (tags === undefined) return scope.tags
    const tell = (error: unknown): void => engine.sinks.backgroundError?.({ error })
    return [...scope.tags, ...expandGiven(namespace, tags, tell)]
  }

  function requestOf(key: string, options: ValueOptions<string>, load: Request['load']): Request {
    const policy = resolvePolicy('', options, engine.policy)
    return { key, policy, namespace, tags: given(options.tags), load }
  }

  function stated(options: InvalidationOptions | undefined): InvalidationOptions {
    if (options === undefined) return engine.policy
    checkInvalidation(options)
    return { require: options.require ?? engine.policy.require }
  }

  const tell = (type: BusMessage['type'], names: readonly string[], options?: InvalidationOptions) =>
    invalidate(engine, { type, names }, stated(options))

  const view: Cache<Tier> = {
    cached: ((fn: (...args: never) => unknown, options: AnyCachedOptions<never>) =>
      createCached(engine, scope, fn, options)) as unknown as Cache<Tier>['cached'],
    async get<Value>(key: Key) {
      const found = await get(engine, lookup(key))
      return found && (deliver(found.entry) as Value)
    },
    async read<Value>(key: Key) {
      const found = await get(engine, lookup(key))
      return found && (resultOf(engine, found) as ReadResult<Value>)
    },
    async set(key, value, options = {}) {
      checkValueOptions('options of set()', options)
      if (engine.closed) return whenClosed(engine, { require: options.require ?? engine.policy.require })
      const request = requestOf(fullKey(key), options, () => value)
      const isStated = options.ttl !== undefined || options.tier !== undefined
      const lifetime = isStated ? request.policy : lifetimeFor(engine.policy, request.policy, value)
      return set(engine, request, { value, ...lifetime })
    },
    async getOrLoad<Result>(
      key: Key,
      load: (context: LoadContext<unknown, Tier>) => Result,
      options: ValueOptions<Tier> = {},
    ): Promise<Awaited<Result>> {
      requireFunction('load', load)
      checkValueOptions('options of getOrLoad()', options)
      const { entry } = await read(engine, requestOf(fullKey(key), options, load as Request['load']))
      return deliver(entry) as Awaited<Result>
    },
    invalidate: async (key, options) => tell('invalidate', [fullKey(key)], options),
    expire: async (key, options) => tell('expire', [fullKey(key)], options),
    invalidateTags: async (tags, options) =>
      invalidateTags(engine, { type: 'invalidateTags', namespace, tags }, stated(options)),
    expireTags: async (tags, options) =>
      invalidateTags(engine, { type: 'expireTags', namespace, tags }, stated(options)),
    clear: async (options) => tell('invalidateTags', [namespace], options),
    namespace: (name) => createView<Tier>(engine, on, checkNamespace(name, namespace), close),
    on,
    health() {
      const { local, remote, closed } = engine
      const here: StoreHealth | undefined = local && { kind: 'local', state: 'up', ...local.usage() }
      return { ok: !closed, stores: [here, remote?.health()].filter(Boolean) as StoreHealth[] }
    },
    stats: () => engine.stats.snapshot(engine.local),
    close,
  }
  behind.set(view, [engine, namespace])
  return view
}
