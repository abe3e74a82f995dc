import type { AsyncStorage } from './async-hooks.ts'
import { ownStorage } from './async-hooks.ts'
import type { Clock } from './clock.ts'
import { ShelflifeError } from './errors.ts'
import type { Flight, Flights } from './flight.ts'
import { onePerProcess } from './one-per-process.ts'

/** A load, for what is read while it runs. */
interface Running {
  readonly clock: Clock
  readonly began: number
  /** Gone when it has ended: what it has begun asks for itself. */
  flight: Flight | undefined
}

interface Loads {
  storage?: AsyncStorage<Running> | undefined
  /** While there is none, nobody need ask which one it is. */
  running: number
}

const loads = /* @__PURE__ */ onePerProcess('loads', (): Loads => ({ running: 0 }))

/** Has loads be recognised from now on, where the runtime can do that. */
export function followLoads(): void {
  loads.storage ??= ownStorage()
}

/** Runs a loader that began then. */
export function withinLoad<Result>(load: Running, run: () => Result): Result | Promise<Awaited<Result>> {
  return loads.storage === undefined ? run() : follow(loads.storage, load, run)
}

async function follow<Result>(by: AsyncStorage<Running>, load: Running, run: () => Result): Promise<Awaited<Result>> {
  loads.running++
  try {
    return await by.run(load, run)
  } finally {
    loads.running--
    load.flight = undefined
  }
}

/** Whether this is called by a loader. */
export const isWithinLoad = (): boolean => loads.running > 0 && loads.storage?.getStore() !== undefined

/** When the load began in which this is called; `-Infinity` outside of loads. */
export function loadBegan(clock: Clock): number {
  const load = loads.running > 0 ? loads.storage?.getStore() : undefined
  if (load === undefined) return -Infinity
  // of a cache with another clock nothing can be compared
  return load.clock === clock ? load.began : Infinity
}

/** The flight for whose load this is called, where there is one and the runtime can tell. */
export const flightHere = (): Flight | undefined => (loads.running > 0 ? loads.storage?.getStore()?.flight : undefined)

function refuse(own: Flight, circle: readonly string[]): never {
  const keys = [own.watch.key, ...circle].join(' → ')
  throw new ShelflifeError('circular-load', `a load waits for itself and would never end: ${keys}`)
}

/**
 * Refuses a load that is asked for by one of the same key, directly or through others: it would ask for the next one.
 *
 * @throws ShelflifeError `circular-load`
 */
export function refuseCircle(flights: Flights, key: string): void {
  const own = flightHere()
  const circle: string[] = []
  for (let at = own; at !== undefined; at = at.askedBy) {
    circle.unshift(at.watch.key)
    if (at.flights === flights && at.watch.key === key) refuse(own as Flight, circle)
  }
}

/** The keys from a flight to another one whose load it waits for, directly or not. */
function pathTo(goal: Flight, from: Flight, seen: Set<Flight> = new Set()): readonly string[] | undefined {
  if (seen.has(from)) return undefined
  seen.add(from)
  if (from === goal) return [from.watch.key]
  for (const next of from.waitsFor ?? []) {
    const path = pathTo(goal, next, seen)
    if (path !== undefined) return [from.watch.key, ...path]
  }
  return undefined
}

/**
 * Waits for a flight on behalf of the load in which this is called, where there is one and the runtime can tell.
 *
 * @throws ShelflifeError `circular-load` if that flight waits for this load
 */
export function waitFor<Result>(flight: Flight, wait: () => Promise<Result>): Promise<Result> {
  const own = flightHere()
  return own === undefined ? wait() : waitOnBehalf(own, flight, wait)
}

async function waitOnBehalf<Result>(own: Flight, flight: Flight, wait: () => Promise<Result>): Promise<Result> {
  const circle = pathTo(own, flight)
  if (circle !== undefined) refuse(own, circle)
  const all = (own.waitsFor ??= new Set())
  all.add(flight)
  flight.askedBy ??= own
  try {
    return await wait()
  } finally {
    all.delete(flight)
    // what is begun in a load and outlives it must not keep all that were before it
    if (flight.askedBy === own) flight.askedBy = undefined
  }
}
