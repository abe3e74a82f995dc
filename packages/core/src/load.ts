import type { Allowance } from './allowance.ts'
import type { Engine } from './engine.ts'
import { countMiss, fallbackFor, fence, find, keepLocally } from './engine.ts'
import type { Entry } from './entry.ts'
import { servesErrors } from './entry.ts'
import { ShelflifeError } from './errors.ts'
import type { Arrival, Flight, Leave } from './flight.ts'
import { leaveFlights, startFlight } from './flight.ts'
import { jittered } from './lifetime.ts'
import type { Run } from './loader.ts'
import { entryOf, runLoader } from './loader.ts'
import type { Acquired, Committed, Permit, Purpose } from './remote.ts'
import type { Loaded, Lookup, Request } from './request.ts'
import { flightHere, refuseCircle, waitFor } from './within-load.ts'

/** More than all commands before and after a load may take, in milliseconds. */
const AROUND_LOADS = 10_000

/**
 * Starts the flight of a key; a reload fences off those that are under way.
 *
 * @throws ShelflifeError `circular-load` for a load that is waited for by one of the same key
 */
export function load(engine: Engine, request: Request, purpose: Purpose, given?: Allowance): Flight {
  const { flights, invalidations, clock, remote } = engine
  const { key, tags, policy } = request
  const allowance = given ?? remote?.allow(key)
  if (purpose === 'read' || purpose === 'reload') refuseCircle(flights, key)
  if (purpose === 'reload') fence(engine, [key])
  const startedAt = clock.now()
  // waiting for another process and loading are bounded each
  const until = startedAt + 2 * policy.hardTimeout + AROUND_LOADS
  const start: Omit<Flight, 'verdict' | 'decide' | 'arrival'> = {
    phase: purpose === 'reload' ? 'reading' : 'open',
    isBackground: purpose === 'refresh' || purpose === 'early',
    tags,
    watch: invalidations.watch(key, { until, lost: () => leaveFlights(started) }),
    startedAt,
    isJoined: false,
    isMissed: false,
    flights,
    waitsFor: undefined,
    askedBy: undefined,
    fallback: undefined,
    allowance,
  }
  const started = startFlight(start, (flight) => fly(engine, request, purpose, flight))
  // a failure has its own event, and is thrown at whoever waits
  engine.background.run(started.arrival, () => {})
  return started
}

/** Loads now, whatever is cached or being loaded. */
export async function reload(engine: Engine, request: Request): Promise<Arrival> {
  if (engine.closed) return bypass(engine, request)
  const flight = load(engine, request, 'reload')
  return waitFor(flight, () => engine.keepAlive.during(flight.arrival))
}

/** Calls the loader and keeps nothing: what a closed cache does. */
export async function bypass(engine: Engine, request: Request): Promise<Arrival> {
  const loaded = await engine.keepAlive.during(runLoader(engine, request, { isRefresh: false, flight: flightHere() }))
  const { entry } = entryOf(engine, request, loaded, loaded.lifetime.ttl, 0)
  return { entry, outcome: 'bypass', store: 'loader', shared: true }
}

async function fly(engine: Engine, request: Request, purpose: Purpose, flight: Flight): Promise<Arrival> {
  const { remote, backoff, invalidations } = engine
  const { key, policy } = request
  try {
    // whoever asks until then shares the answer
    const leave: Leave | undefined = await remote?.admit(key)
    const acquired: Acquired =
      remote && leave
        ? await remote.acquire(request, purpose, flight, leave)
        : { fallback: fallbackFor(engine, request) }
    const { permit, fallback } = acquired
    // who asks for a reload wants the error
    if (purpose !== 'reload') flight.fallback = fallback
    const isSpared = fallback !== undefined && purpose === 'read' && backoff.holds(key, policy.name)
    const arrival = isSpared ? instead(engine, fallback, 'load-failed') : acquired.arrival
    if (arrival !== undefined) {
      permit?.release('unused')
      return arrival
    }
    flight.phase = 'loading'
    flight.decide()
    // who may get something old all the same is counted in the end
    flight.isMissed = purpose === 'read' && fallback === undefined
    if (flight.isMissed) countMiss(engine, request)
    return await land(engine, request, purpose, flight, permit)
  } finally {
    leaveFlights(flight)
    flight.decide()
    invalidations.end(flight.watch)
  }
}

/** Whoever joined asks again if the old value is void by now, here or, where that cannot be told, elsewhere. */
export const instead = (
  { local, remote, invalidations }: Engine,
  entry: Entry,
  because: 'load-failed' | 'load-slow',
): Arrival => ({
  entry,
  outcome: 'stale',
  store: local === undefined ? 'remote' : 'local',
  because,
  shared: remote === undefined && invalidations.check(entry.tags, entry.checked) === 'intact',
})

/** Runs the loader, leaves the map, commits. An old value takes the place of an error. */
async function land(
  engine: Engine,
  request: Request,
  purpose: Purpose,
  flight: Flight,
  permit: Permit | undefined,
): Promise<Arrival> {
  const { backoff, clock } = engine
  const { key } = request
  const { fallback } = flight
  const letGo = permit?.hold()
  let loaded: Loaded
  const attempt: Run = { isRefresh: flight.isBackground, previous: fallback ?? find(engine, key), flight }
  try {
    loaded = await runLoader(engine, request, attempt)
  } catch (error) {
    leaveFlights(flight)
    // no reason for others to despair of the source: the loader was not called
    permit?.release(attempt.hasBegun ? 'failed' : 'unused')
    if (fallback !== undefined && servesErrors(fallback, clock.now())) return instead(engine, fallback, 'load-failed')
    throw error
  } finally {
    letGo?.()
  }
  // before the commit is sent: whoever comes later cannot be told whether it was refused
  leaveFlights(flight)
  backoff.succeeded(key, request.policy.name)
  if (loaded.skip !== undefined && (fallback !== undefined || purpose !== 'read')) {
    // the source has nothing to keep any more, so the old value must not come back
    engine.local?.delete(key)
    await engine.remote?.apply('invalidate', [key], flight)
  }
  const { watch, isJoined } = flight
  const { entry, shared } = await commit(engine, request, { loaded, permit, watch, isJoined })
  return { entry, outcome: 'miss', store: 'loader', shared }
}

interface ToCommit extends Pick<Flight, 'watch' | 'isJoined'> {
  readonly loaded: Loaded
  readonly permit: Permit | undefined
}

interface CommitResult {
  readonly entry: Entry
  /** What the remote store says; `stored` where there is none. */
  readonly committed: Committed | 'skipped'
  /** Whether it is in the local store now, if there is one. */
  readonly isKept: boolean
  /** Whether nobody can have invalidated the value before it was there. */
  readonly shared: Arrival['shared']
}

/** Stores a value unless it, or one of its tags, was invalidated since its load began. */
async function commit(
  engine: Engine,
  lookup: Lookup,
  { loaded, permit, watch, isJoined }: ToCommit,
): Promise<CommitResult> {
  const { invalidations, sinks, remote } = engine
  const { key, policy } = lookup
  const { name } = policy
  const ttl = jittered(loaded.lifetime)
  const { entry, error } = entryOf(engine, lookup, loaded, ttl, watch.since)
  const isIntact = (): boolean => invalidations.isIntact(watch, loaded.tags)

  let committed: CommitResult['committed'] = 'stored'
  if (loaded.skip !== undefined || error !== undefined) {
    committed = 'skipped'
    sinks.skip?.({ key, name, because: loaded.skip ?? 'unsupported', error })
  } else if (permit !== undefined) committed = await permit.commit({ loaded, entry, ttl, isJoined })
  const isUncacheable = committed === 'skipped' || committed === 'unsupported'
  // the fence knew what was invalidated there; this is what is known here
  const isKept = isIntact() && !isUncacheable && committed !== 'refused'
  // its permit does, when it is known
  const isToldLater = committed === 'unknown' && engine.local === undefined
  if (isKept) {
    keepLocally(engine, watch, entry)
    // without a permit there was nowhere to commit to
    if (engine.local || (permit && committed === 'stored')) sinks.commit?.({ key, name })
    else if (!isToldLater) sinks.skip?.({ key, name, because: 'unstored' })
  } else if (!isUncacheable && !isToldLater) {
    sinks.refuse?.({ key, name })
  }
  // nothing tells whether it was invalidated at the store since it began
  const isUncertain = permit === undefined && remote?.isUncertain(entry)
  const isUnchanged = isUncacheable && isIntact() && (permit === undefined || (await permit.isIntact(loaded.tags)))
  if (committed !== 'stored') permit?.release(isUncacheable ? 'unstorable' : 'unused')
  const isSound = isUnchanged || (isKept && committed !== 'unknown')
  const isOnce = error instanceof ShelflifeError
  return { entry, committed, isKept, shared: isOnce ? 'never' : isSound && (isUncertain ? 'early' : true) }
}
