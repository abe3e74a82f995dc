import { withDeadline } from './deadline.ts'
import type { Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { createEntry } from './entry.ts'
import { ShelflifeError } from './errors.ts'
import type { Flight } from './flight.ts'
import type { Isolated } from './isolate.ts'
import { copyOf, isolate } from './isolate.ts'
import type { Lifetime, LifetimeOptions } from './lifetime.ts'
import { resolveLifetime } from './lifetime.ts'
import type { CachePolicy, Policy } from './options.ts'
import { checkContextLifetime } from './options.ts'
import type { Loaded, LoadContext, Lookup, Request } from './request.ts'
import { countLoad } from './stats.ts'
import { expandGiven } from './tags.ts'
import { tierNamed } from './tiers.ts'
import { withinLoad } from './within-load.ts'

/** Timers count whole milliseconds, so by so much one of them may be early. */
const TICK = 1

/** One attempt to run a loader. */
export interface Run {
  /** Whether nobody waits for it. */
  readonly isRefresh: boolean
  readonly previous?: Entry | undefined
  readonly flight?: Flight | undefined
  /** Whether the loader was called; a guard may refuse it. */
  hasBegun?: boolean
}

/** What loaders seldom ask for. */
interface Seldom {
  signal(): AbortSignal
  stale(): LoadContext['stale']
}

/** A class, because a literal with accessors has a shape of its own each time: misses took half as long again. */
class Context implements LoadContext {
  declare readonly key: string
  declare readonly isRefresh: boolean
  declare readonly tag: LoadContext['tag']
  declare readonly lifetime: LoadContext['lifetime']
  declare readonly skip: LoadContext['skip']
  readonly #seldom: Seldom

  constructor(own: Omit<LoadContext, keyof Seldom>, seldom: Seldom) {
    Object.assign(this, own)
    this.#seldom = seldom
  }

  get signal(): AbortSignal {
    return this.#seldom.signal()
  }

  get stale(): LoadContext['stale'] {
    return this.#seldom.stale()
  }
}

/** Runs the loader once, within `hardTimeout`. Rejects with the loader's own error. */
export async function runLoader(engine: Engine, request: Request, attempt: Run): Promise<Loaded> {
  const { isRefresh, previous } = attempt
  const { clock, sinks, policy, stats } = engine
  const { key, policy: own, namespace } = request
  const counters = stats.of(own.name)
  const startedAt = clock.now()
  // those that the loader adds
  let added: string[] = []
  let isOpen = false
  let controller: AbortController | undefined
  let asked: (LifetimeOptions & { readonly tier?: string }) | undefined
  let skip: Loaded['skip']

  // made when it is asked for, which most loaders never do
  const controllerOf = (): AbortController => (controller ??= new AbortController())

  function open(): void {
    if (isOpen) return
    throw new ShelflifeError('invalid-option', `the load of ${key} has ended`)
  }

  const context = new Context(
    {
      key,
      isRefresh,
      tag(...more) {
        open()
        added.push(...expandGiven(namespace, more, (error) => sinks.backgroundError?.({ error })))
      },
      lifetime(options) {
        open()
        checkContextLifetime(options)
        asked = { ...asked, ...options }
      },
      skip() {
        open()
        skip = 'asked'
      },
    },
    {
      signal: () => controllerOf().signal,
      stale: () => previous && { value: deliver(previous), age: startedAt - previous.createdAt },
    },
  )

  function lifetimeOf(value: unknown): { tier: string; lifetime: Lifetime } {
    if (asked === undefined) return lifetimeFor(policy, own, value)
    const { tier = own.tier } = asked
    const stated = asked.ttl === undefined ? own.lifetime : own.underTtl()
    const base = asked.tier === undefined ? stated : tierNamed(policy.tiers, tier)
    return { tier, lifetime: resolveLifetime(asked, base, 'context.lifetime: ') }
  }

  try {
    const timeout = own.hardTimeout
    const late = (): Error =>
      new ShelflifeError('load-timeout', `loading ${key} took longer than hardTimeout (${timeout} ms)`)
    const run = own.guard.reduceRight<() => Promise<unknown>>(
      (inner, guard) => async () => guard(inner, context),
      async () => {
        // those that waited together are out of time together: the place of one is none for the next
        if (clock.now() - startedAt >= Math.max(timeout - TICK, TICK)) throw late()
        attempt.hasBegun = true
        isOpen = true
        added = []
        asked = skip = undefined
        const call = () => withinLoad({ clock, began: startedAt, flight: attempt.flight }, () => request.load(context))
        // it is for nobody in particular, whoever happened to ask first
        return isRefresh ? engine.outside(call) : call()
      },
    )
    const value = await withDeadline(run(), timeout, clock, () => {
      const error = late()
      controllerOf().abort(error)
      return error
    })
    const cost = clock.now() - startedAt
    countLoad(counters, cost)
    sinks.load?.({ key, name: own.name, duration: cost })
    if (value === undefined) skip = 'undefined'
    // mostly those that all entries of this key share
    const tags = added.length === 0 ? request.tags : [...new Set([...request.tags, ...added])]
    return { value, ...lifetimeOf(value), tags, cost, skip }
  } catch (error) {
    counters.loadFailures++
    // a loader that was not let run has not failed, and where there was nothing to replace there is nothing to hold back
    if (attempt.hasBegun && (isRefresh || previous !== undefined)) engine.backoff.failed(key, own.name)
    sinks.loadFailure?.({ key, name: own.name, duration: clock.now() - startedAt, error })
    throw error
  } finally {
    isOpen = false
    counters.loads++
  }
}

/** `null` says that there is nothing, which changes sooner than what is there: it never lives longer than that would, and as exactly. */
export function lifetimeFor(cache: CachePolicy, own: Policy, value: unknown): Pick<Loaded, 'tier' | 'lifetime'> {
  if (value !== null) return own
  const absent = tierNamed(cache.tiers, 'absent')
  const lifetime = { ...absent }
  for (const part of ['ttl', 'staleWhileRevalidate', 'staleIfError', 'jitter'] as const) {
    lifetime[part] = Math.min(absent[part], own.lifetime[part])
  }
  return { tier: 'absent', lifetime }
}

/** What one caller gets of an entry. */
export const deliver = (entry: Entry): unknown => (entry.copied ? copyOf(entry.value, entry.copied) : entry.value)

/** The entry of a loaded value, fresh for `ttl` from now. With an `error` it can be handed out but not kept. */
export function entryOf(
  { clock, limits }: Engine,
  { policy }: Lookup,
  { value, tier, lifetime, cost, tags }: Loaded,
  ttl: number,
  since: number,
): { readonly entry: Entry; readonly error?: unknown } {
  const now = clock.now()
  let error: unknown
  let isolated: Isolated = { value, copied: false }
  try {
    isolated = isolate(value, policy.isolation)
  } catch (unsupported) {
    // can be read but once, or is nested deeper than the stack
    error = unsupported
  }
  const entry = createEntry({
    ...isolated,
    name: policy.name,
    tier,
    lifetime,
    createdAt: now,
    freshUntil: now + ttl,
    // the source vouches for what it had when it was asked
    confirmedAt: now - cost,
    cost,
    tags,
    checked: since,
    ...limits,
  })
  return { entry, error }
}
