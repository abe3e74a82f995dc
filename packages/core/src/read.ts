import type { Allowance } from './allowance.ts'
import { whenLate } from './deadline.ts'
import type { Engine } from './engine.ts'
import { arrivalOf, countMiss, fallbackFor, fence, find, findFor, isTrusted } from './engine.ts'
import type { Entry } from './entry.ts'
import { servesErrors, slide } from './entry.ts'
import type { Arrival, Flight } from './flight.ts'
import { bypass, instead, load } from './load.ts'
import type { Lookup, Request } from './request.ts'
import { covers } from './tags.ts'
import { isWithinLoad, waitFor } from './within-load.ts'

/** Finds the copy of a key that needs no further thought: one lookup and three comparisons. */
export function hotReader(engine: Engine): (key: string, at?: number) => Entry | undefined {
  const { local, remote, invalidations, clock } = engine
  if (local === undefined) return () => undefined
  const get = local.get as (key: string) => Entry | undefined
  const { now } = clock
  return (key, at) => {
    const copy = get(key)
    if (copy === undefined) return undefined
    const entry = copy.checked === invalidations.seq ? copy : find(engine, key)
    if (entry === undefined) return undefined
    at ??= now()
    const isHot = at < entry.hotUntil && at < engine.trustedUntil
    // what a loader may use is a longer thought
    return isHot && (remote === undefined || !isWithinLoad()) ? entry : undefined
  }
}

/** The value of a key, from here, from the remote store or from the loader. Rejects with the loader's error only. */
export function read(engine: Engine, request: Request): Promise<Arrival> {
  const copy = engine.closed ? undefined : readCopy(engine, request)
  if (copy !== undefined) return Promise.resolve(finish(engine, request, copy))
  const isAlone = !engine.closed && flightOf(engine, request) === undefined
  return isAlone ? readAlone(engine, request) : readAmongOthers(engine, request)
}

/** What nobody else reads now, as most reads are that find no copy here. */
async function readAlone(engine: Engine, request: Request): Promise<Arrival> {
  let own: Flight | undefined
  engine.keepAlive.begin()
  try {
    const started = (own = load(engine, request, 'read'))
    const wait = () => arrivalIn(engine, request, started, () => started.fallback)
    return finish(engine, request, await waitFor(started, wait), started)
  } catch (error) {
    missed(engine, request, own)
    throw error
  } finally {
    engine.keepAlive.end()
  }
}

/** What others read or load now: joins them, asks again after them, or loads where they cannot say. */
async function readAmongOthers(engine: Engine, request: Request): Promise<Arrival> {
  const { remote, sinks, stats, invalidations } = engine
  const { key, policy } = request
  let hasLooked = false
  /** Whether whatever is joined now began after this call. */
  let isLater = false
  /** What was joined before its load began. */
  let early: Flight | undefined
  let waited: Flight | undefined
  let own: Flight | undefined
  let allowance: Allowance | undefined
  /** What the store was waited for in flights of others. */
  let spent = 0
  const done = (arrival: Arrival): Arrival => finish(engine, request, arrival, own)
  engine.keepAlive.begin()

  /** What this call may still wait for the store. */
  function allowed(): Allowance | undefined {
    allowance ??= remote?.allow(key)
    if (allowance !== undefined) allowance.left -= spent
    spent = 0
    return allowance
  }

  async function within<T>(flight: Flight, wait: () => Promise<T>): Promise<T> {
    const { left = 0 } = flight.allowance ?? {}
    const answer = await wait()
    spent += Math.max(0, left - (flight.allowance?.left ?? left))
    return answer
  }

  try {
    while (!engine.closed) {
      const copy = readCopy(engine, request)
      if (copy !== undefined) return done(copy)
      const flight = flightOf(engine, request)
      const isVoid = flight?.phase === 'loading' && !invalidations.isIntact(flight.watch, flight.tags)
      if (flight === undefined || isVoid || !covers(flight.tags, request.tags)) {
        const started = (own = load(engine, request, 'read', allowed()))
        return done(await waitFor(started, () => arrivalIn(engine, request, started, () => started.fallback)))
      }
      // what is being refreshed can be served meanwhile, but only the remote store has it
      if (flight.isBackground && remote !== undefined && !hasLooked) {
        hasLooked = true
        const found = await remote.read(request, allowed())
        if (found !== undefined) return done(found)
        continue
      }
      // who was there when this call came has been waited for
      isLater ||= waited !== undefined && flight !== waited
      waited = flight
      if (flight.phase !== 'loading') early = flight
      if (flight.phase === 'reading' && !isLater) {
        await within(flight, () => flight.verdict)
        continue
      }
      sinks.join?.({ key, name: policy.name })
      stats.of(policy.name).joined++
      flight.isJoined = true
      const wait = () => arrivalIn(engine, request, flight, () => keptFor(engine, request, flight))
      const arrival = await within(flight, () => waitFor(flight, wait))
      if (arrival.shared === 'never') break
      if (arrival.isOwn) continue
      if (arrival.shared === true || (arrival.shared && flight === early) || isLater) return done(arrival)
      isLater = true
    }
    return done(await bypass(engine, request))
  } catch (error) {
    missed(engine, request, own)
    throw error
  } finally {
    engine.keepAlive.end()
  }
}

/** How a flight ends, or what is there instead after `softTimeout`. */
function arrivalIn(
  engine: Engine,
  request: Request,
  { startedAt, arrival }: Flight,
  known: () => Entry | undefined | Promise<Entry | undefined>,
): Promise<Arrival> {
  const { clock } = engine
  const { softTimeout } = request.policy
  if (softTimeout === Infinity) return arrival
  return whenLate(arrival, startedAt + softTimeout - clock.now(), clock, async (resolve) => {
    const fallback = fallbackFor(engine, request) ?? (await known())
    if (fallback !== undefined) resolve({ ...instead(engine, fallback, 'load-slow'), shared: true })
  })
}

/** What the remote store still has for whoever joined: what was read before that call may have been invalidated since. */
async function keptFor({ remote, clock }: Engine, request: Request, flight: Flight): Promise<Entry | undefined> {
  const kept = flight.fallback && (await remote?.inspect(request))
  return kept && servesErrors(kept, clock.now()) ? kept : undefined
}

/**
 * The flight of a key while it can still end. What lasts longer was ended by a runtime, together with the request that
 * began it; if not after all, it comes too late.
 */
function flightOf(engine: Engine, { key }: Request): Flight | undefined {
  const flight = engine.flights.get(key)
  if (flight === undefined || engine.clock.now() < flight.watch.until) return flight
  fence(engine, [key])
  return undefined
}

/** A copy in this process that can be served at once. */
function readCopy(engine: Engine, lookup: Lookup): Arrival | undefined {
  const entry = findFor(engine, lookup)
  const now = engine.clock.now()
  if (entry === undefined || !isTrusted(engine, entry, now)) return undefined
  return arrivalOf(entry, now, 'local')
}

/** Counts a read, and starts what its entry is due for. */
function finish(engine: Engine, request: Request, arrival: Arrival, own?: Flight): Arrival {
  count(engine, request, arrival, own)
  const { entry, outcome, because } = arrival
  if (outcome === 'stale' && because === undefined) refresh(engine, request, 'refresh')
  if (outcome !== 'hit') return arrival
  const now = engine.clock.now()
  const { earlyRefresh, ttl } = entry.lifetime
  if (slideWhenDue(engine, request, entry, now)) return arrival
  if (earlyRefresh > 0 && now >= entry.freshUntil - earlyRefresh * ttl) refresh(engine, request, 'early')
  return arrival
}

/** Whether a read has started the `ttl` of an entry anew. */
function slideWhenDue(engine: Engine, { key }: Lookup, entry: Entry, now: number): boolean {
  // it may have been expired since it was read
  const isDue = entry.lifetime.sliding && now >= entry.hotUntil && now < entry.freshUntil
  if (isDue) {
    slide(entry, now, engine.limits)
    engine.remote?.touch(key, entry)
  }
  return isDue
}

function count(engine: Engine, lookup: Lookup, arrival: Arrival, own?: Flight): void {
  const { sinks, stats } = engine
  const { key, policy } = lookup
  const { name } = policy
  const { outcome, store, because = 'refreshing' } = arrival
  const counters = stats.of(name)
  if (outcome === 'hit') {
    counters.hits++
    sinks.hit?.({ key, name, store })
  } else if (outcome === 'stale') {
    counters.staleHits++
    sinks.stale?.({ key, name, store, because })
  } else missed(engine, lookup, own)
}

/** Unless its own flight has said so when it began to load. */
function missed(engine: Engine, lookup: Lookup, own?: Flight): void {
  if (own?.isMissed !== true) countMiss(engine, lookup)
}

/** Loads in the background unless somebody does so already or the source has just failed. */
function refresh(engine: Engine, request: Request, purpose: 'refresh' | 'early'): void {
  if (flightOf(engine, request) !== undefined || engine.backoff.holds(request.key, request.policy.name)) return
  load(engine, request, purpose)
}

/** What is cached, fresh or stale, without ever loading. */
export async function readCached(engine: Engine, lookup: Lookup): Promise<Arrival | undefined> {
  const copy = readCopy(engine, lookup)
  if (copy !== undefined || engine.closed || engine.remote === undefined) return copy
  return engine.keepAlive.during(engine.remote.read(lookup))
}

/** The cached value while it is fresh, counted as a read. */
export async function get(engine: Engine, lookup: Lookup): Promise<Arrival | undefined> {
  const found = await readCached(engine, lookup)
  if (found?.outcome === 'hit') {
    count(engine, lookup, found)
    slideWhenDue(engine, lookup, found.entry, engine.clock.now())
    return found
  }
  countMiss(engine, lookup)
  return undefined
}
