import type { Permit, Purpose } from './acquire.ts'
import { acquire, fallbackFor } from './acquire.ts'
import { commit, release } from './commit.ts'
import type { Engine } from './engine.ts'
import { fence } from './engine.ts'
import type { Entry } from './entry.ts'
import { servesErrors } from './entry.ts'
import type { Arrival, Flight } from './flight.ts'
import { leaveFlights, startFlight } from './flight.ts'
import type { Loaded, Request } from './loader.ts'
import { entryOf, runLoader } from './loader.ts'
import type { Remote } from './remote.ts'

/** Starts the flight of a key. */
export function load(engine: Engine, request: Request, purpose: Purpose): Flight {
  const { flights, invalidations } = engine
  const start = {
    phase: purpose === 'reload' ? 'reading' : 'open',
    names: [request.key, ...request.tags],
    since: invalidations.seq,
  } as const
  return startFlight(flights, request.key, start, (flight) => fly(engine, request, purpose, flight))
}

/** Loads now, whatever is cached or being loaded. */
export function reload(engine: Engine, request: Request): Promise<Arrival> {
  if (engine.closed) return bypass(engine, request)
  fence(engine, [request.key])
  return load(engine, request, 'reload').arrival
}

/** Calls the loader and keeps nothing: what a closed cache does. */
export async function bypass(engine: Engine, request: Request): Promise<Arrival> {
  const loaded = await runLoader(engine, request, undefined)
  const { entry } = entryOf(engine, request, loaded, loaded.lifetime.ttl, 0)
  return { entry, outcome: 'bypass', store: 'loader', shared: true }
}

async function fly(engine: Engine, request: Request, purpose: Purpose, flight: Flight): Promise<Arrival> {
  const { remote, sinks, clock, flights } = engine
  const { key, policy } = request
  const acquired =
    remote === undefined
      ? { permit: undefined, fallback: fallbackFor(engine, key, false) }
      : await acquire(engine, remote, request, purpose, flight)
  if (acquired.arrival !== undefined) {
    leaveFlights(flights, key, flight)
    flight.decide()
    return acquired.arrival
  }

  const { permit, fallback } = acquired
  if (fallback !== undefined && purpose === 'read' && engine.backoff.holds(key)) {
    leaveFlights(flights, key, flight)
    flight.decide()
    if (remote !== undefined && permit !== undefined) release(engine, remote, key, permit, false)
    return instead(fallback, 'load-failed')
  }
  flight.phase = 'loading'
  flight.decide()
  if (purpose === 'read' || purpose === 'reload') sinks.miss?.({ key, name: policy.name })
  const landing = land(engine, request, flight, permit, fallback)
  if (fallback === undefined || policy.softTimeout === Number.POSITIVE_INFINITY) return landing

  return new Promise((resolve, reject) => {
    const cancel = clock.after(policy.softTimeout, () => resolve(instead(fallback, 'load-slow')))
    landing.then(resolve, reject).finally(cancel)
  })
}

const instead = (entry: Entry, because: 'load-failed' | 'load-slow'): Arrival => ({
  entry,
  outcome: 'stale',
  store: 'local',
  because,
  shared: true,
})

/** Runs the loader, leaves the map, commits. An old value takes the place of an error. */
async function land(
  engine: Engine,
  request: Request,
  flight: Flight,
  permit: Permit | undefined,
  fallback: Entry | undefined,
): Promise<Arrival> {
  const { remote, backoff, flights, clock } = engine
  const { key } = request
  const stop = permit?.leased && remote !== undefined ? renew(engine, remote, key, permit.owner) : () => {}
  let loaded: Loaded
  try {
    loaded = await runLoader(engine, request, fallback)
  } catch (error) {
    leaveFlights(flights, key, flight)
    if (remote !== undefined && permit !== undefined) release(engine, remote, key, permit, true)
    backoff.failed(key)
    if (fallback !== undefined && servesErrors(fallback, clock.now())) return instead(fallback, 'load-failed')
    throw error
  } finally {
    stop()
  }
  // before the commit is sent: whoever comes later cannot be told whether it was refused
  leaveFlights(flights, key, flight)
  backoff.succeeded(key)
  if (loaded.skip !== undefined) return skip(engine, request, flight, permit, loaded, fallback)
  const { entry, committed } = await commit(engine, { request, loaded, permit, since: flight.since })
  return { entry, outcome: 'miss', store: 'loader', shared: committed === 'stored' || committed === 'unsupported' }
}

/** Hands a value out without keeping it, and drops the one it would have replaced. */
function skip(
  engine: Engine,
  request: Request,
  flight: Flight,
  permit: Permit | undefined,
  loaded: Loaded,
  previous: Entry | undefined,
): Arrival {
  const { remote, local, sinks, background, invalidations } = engine
  const { key, policy } = request
  if (loaded.skip !== undefined) sinks.skip?.({ key, name: policy.name, because: loaded.skip })
  if (previous !== undefined) {
    local?.delete(key)
    if (remote !== undefined) background.run(remote.apply('invalidate', [key]))
  }
  if (remote !== undefined && permit !== undefined) release(engine, remote, key, permit, false)
  const { entry } = entryOf(engine, request, loaded, loaded.lifetime.ttl, flight.since)
  const shared = invalidations.check([key, ...loaded.tags], flight.since) === 'intact'
  return { entry, outcome: 'miss', store: 'loader', shared }
}

/** Keeps the lease while the loader runs. Returns what stops it. */
function renew({ clock, policy, background }: Engine, remote: Remote, key: string, owner: string): () => void {
  let cancel = (): void => {}
  const again = (): void => {
    cancel = clock.after(policy.lease / 3, () => {
      background.run(remote.renew({ key, owner, lease: policy.lease }))
      again()
    })
  }
  again()
  return () => cancel()
}
