import type { Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { ShelflifeError } from './errors.ts'
import type { Arrival, Outcome } from './flight.ts'
import type { Source } from './events.ts'
import type { Invalidation } from './invalidate.ts'
import { invalidate, whenClosed } from './invalidate.ts'
import { encodeArguments, encodeKey } from './key.ts'
import { isShort, keyMemo } from './key-memo.ts'
import { createKnownKeys } from './known-keys.ts'
import { reload } from './load.ts'
import { deliver, lifetimeFor } from './loader.ts'
import type { CachedOptions, Policy } from './options.ts'
import { checkCachedOptions, checkFunction, checkName, requireFunction, resolvePolicy } from './options.ts'
import { hotReader, read, readCached } from './read.ts'
import type { LoadContext, Lookup, Request } from './request.ts'
import { set } from './set.ts'
import { covers, shared, tagger } from './tags.ts'

/** A value with what is known about it. */
export interface ReadResult<Value> {
  readonly value: Value
  readonly outcome: Outcome
  /** Milliseconds since the value was loaded. */
  readonly age: number
  readonly tier: string
  readonly store: Source
}

/** A function with a cache in front of it: the same parameters and the same result. */
export interface Cached<Args extends readonly unknown[], Value> {
  /** Rejects with the function's own error, or with a ShelflifeError `invalid-key` or `load-timeout`. */
  (...args: Args): Promise<Value>
  /** The same, with what is known about the value. */
  read(...args: Args): Promise<ReadResult<Value>>
  /** What a call would be answered with at once; `undefined` if it would load. Never loads and is not counted. */
  peek(...args: Args): Promise<Value | undefined>
  /** Runs the function now and keeps what it returns. A load that is running already is fenced off, not joined. */
  refresh(...args: Args): Promise<Value>
  /** Puts a value in the place of what is cached. */
  set(value: Exclude<Value, undefined>, ...args: Args): Promise<Invalidation>
  /** Gone now, on every process, also for loads that are running. */
  invalidate(...args: Args): Promise<Invalidation>
  /** Stale now: still served while it is refreshed, where there is a `staleWhileRevalidate`. */
  expire(...args: Args): Promise<Invalidation>
  /** The full key. */
  key(...args: Args): string
}

/** The part of the key space that a wrapper lives in. */
export interface Scope {
  readonly namespace: string
  /** The tags that all entries of the namespace have. */
  readonly tags: readonly string[]
  /** Names in use. */
  readonly names: Set<string>
}

export type AnyCachedOptions<Args extends readonly unknown[]> = CachedOptions<Args, string> & {
  readonly context?: boolean
}

/** Hands a value to one caller; the promise of a shared one is kept with the entry. */
function handOut(entry: Entry): Promise<unknown> {
  if (entry.copied) return Promise.resolve(deliver(entry))
  return (entry.promise ??= Promise.resolve(entry.value))
}

export function resultOf(engine: Engine, { entry, outcome, store }: Arrival): ReadResult<unknown> {
  const age = Math.max(0, engine.clock.now() - entry.createdAt)
  return { value: deliver(entry), outcome, age, tier: entry.tier, store }
}

interface Keys {
  /** By the one argument of a call. */
  readonly known: ReadonlyMap<unknown, string>
  of(args: readonly unknown[]): string
}

function createKeys(
  { shorten, memos }: Engine,
  prefix: string,
  keyOption: ((...args: never) => unknown) | undefined,
): Keys {
  const known = createKnownKeys(memos)
  const part = keyOption as ((...args: readonly unknown[]) => unknown) | undefined
  const encode = (args: readonly unknown[]): string => shorten(prefix + encodeArguments(args))
  const find = keyMemo(encode, memos)
  return {
    known: known.keys,
    of(args) {
      if (part !== undefined) return shorten(prefix + encodeKey(part(...args)))
      const [arg] = args
      if (args.length !== 1 || typeof arg === 'object' || !isShort(arg)) return find(args)
      const key = encode(args)
      known.add(arg, key)
      return key
    },
  }
}

/** Wraps a function. All options are checked here, once. */
export function createCached(
  engine: Engine,
  scope: Scope,
  fn: (...args: never) => unknown,
  options: AnyCachedOptions<never>,
): Cached<readonly unknown[], unknown> {
  requireFunction('what cached() wraps', fn)
  checkCachedOptions(options)
  checkFunction('key', options.key)
  const { namespace } = scope
  const name = checkName(options.name, options.version)
  const policy: Policy = resolvePolicy(options.name, options, engine.policy)
  const { sinks } = engine
  const tagsOf = tagger(namespace, scope.tags, options.tags, (error) => sinks.backgroundError?.({ error }))
  // what has one key was called with equal arguments, unless the key is made of some of them
  const isTagged = options.key === undefined || typeof options.tags !== 'function'
  // what is given by key is made anew for each call, and then each entry keeps its own
  if (typeof options.tags !== 'function') shared(tagsOf([]))
  if (scope.names.has(name)) {
    const advice =
      'wrap the function once, or name the two apart; a module that is run again wraps on cache.namespace()'
    throw new ShelflifeError('duplicate-name', `name '${name}' is in use; ${advice}`)
  }
  if (engine.wrapped.isOther(`${namespace}/${name}`, fn)) {
    const what = `name '${name}' is in use for another function in namespace '${namespace}', whose values this one gets`
    const advice = 'name the two apart, unless it is one that was edited'
    sinks.backgroundError?.({ error: new ShelflifeError('duplicate-name', `${what}; ${advice}`) })
  }
  scope.names.add(name)
  const counters = engine.stats.of(options.name)
  const keys = createKeys(engine, `${namespace}/${name}`, options.key)
  const keyOf = keys.of
  const { known } = keys
  const findHot = hotReader(engine)
  const run = fn as unknown as (...args: readonly unknown[]) => unknown
  const withContext = options.context === true

  const lookupOf = (args: readonly unknown[]): Lookup => ({ key: keyOf(args), policy, tags: tagsOf(args) })

  function requestOf(args: readonly unknown[], key: string = keyOf(args)): Request {
    const load = withContext ? (context: LoadContext) => run(context, ...args) : () => run(...args)
    return { key, policy, tags: tagsOf(args), namespace, load }
  }

  async function readCold(args: readonly unknown[], key: string): Promise<unknown> {
    const { entry } = await read(engine, requestOf(args, key))
    return deliver(entry)
  }

  // the rare parts stand apart, so that what remains can be inlined
  function call(...args: readonly unknown[]): Promise<unknown> {
    const key = args.length === 1 ? known.get(args[0]) : undefined
    const entry = key === undefined ? undefined : findHot(key)
    return entry === undefined ? callNew(...args) : answer(key as string, entry)
  }

  function callNew(...args: readonly unknown[]): Promise<unknown> {
    try {
      const key = keyOf(args)
      const entry = findHot(key)
      const isUsable = entry !== undefined && (isTagged || covers(entry.tags, tagsOf(args)))
      return isUsable ? answer(key, entry) : readCold(args, key)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  function answer(key: string, entry: Entry): Promise<unknown> {
    counters.hits++
    sinks.hit?.({ key, name: policy.name, store: 'local' })
    return entry.promise ?? handOut(entry)
  }

  const tell =
    (type: 'invalidate' | 'expire') =>
    async (...args: readonly unknown[]) =>
      invalidate(engine, { type, names: [keyOf(args)] }, policy)

  return Object.assign(call, {
    read: async (...args: readonly unknown[]) => resultOf(engine, await read(engine, requestOf(args))),
    async peek(...args: readonly unknown[]) {
      const found = await readCached(engine, lookupOf(args))
      return found && deliver(found.entry)
    },
    async refresh(...args: readonly unknown[]) {
      const { entry } = await reload(engine, requestOf(args))
      return deliver(entry)
    },
    async set(value: unknown, ...args: readonly unknown[]) {
      if (engine.closed) return whenClosed(engine, policy)
      return set(engine, lookupOf(args), { value, ...lifetimeFor(engine.policy, policy, value) })
    },
    invalidate: tell('invalidate'),
    expire: tell('expire'),
    key: (...args: readonly unknown[]) => keyOf(args),
  })
}
