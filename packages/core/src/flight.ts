import type { Allowance } from './allowance.ts'
import type { Entry } from './entry.ts'
import type { Source } from './events.ts'
import type { Watch } from './watches.ts'

/**
 * How a read was answered. `bypass`: the loader was called for this read alone, because the cache is closed or what the
 * load that it had joined returned can be read but once.
 */
export type Outcome = 'hit' | 'stale' | 'miss' | 'bypass'

/** What a flight ends with. */
export interface Arrival {
  readonly entry: Entry
  readonly outcome: Outcome
  readonly store: Source
  /** Why an old value is served although nobody refreshes it. */
  readonly because?: 'load-failed' | 'load-slow'
  /**
   * Whether those who joined may use the entry, or those who asked `early`, before its load began; others ask again.
   * `never`: it can be read but once, so each loads for itself.
   */
  readonly shared: boolean | 'early' | 'never'
  /** Whether it was found for its caller alone, who may change it: others ask again. */
  readonly isOwn?: boolean
}

/** One running load of one key in this process, with the remote read before it. */
export interface Flight {
  /**
   * `open`: the command that decides has not been sent, everybody may join.
   * `reading`: it is under way and may bring what was invalidated meanwhile, so those who come wait and ask again.
   * `loading`: the loader runs; those who join are told at the commit whether they may use what it loaded.
   */
  phase: 'open' | 'reading' | 'loading'
  /** Whether nobody waits for it: a value is being served. */
  readonly isBackground: boolean
  readonly tags: readonly string[]
  /** Of what was invalidated since the load began. */
  readonly watch: Watch
  readonly startedAt: number
  /** Whether somebody joined it. */
  isJoined: boolean
  /** Whether whoever started it is counted as a miss. */
  isMissed: boolean
  /** Those of its cache. */
  readonly flights: Flights
  /** Those that its load waits for. */
  waitsFor: Set<Flight> | undefined
  /** The first of those whose loads wait for it, while it does. */
  askedBy: Flight | undefined
  /** What whoever started it gets when loading fails or takes too long. */
  fallback: Entry | undefined
  /** Of whoever started it; what is spent of it has been waited for by all who wait for it. */
  readonly allowance: Allowance | undefined
  /**
   * Resolves when the phase `reading` ends. Never rejects. Made with the flight: where requests live apart, one that waits for a
   * promise of its own that another one resolves is taken for hung.
   */
  readonly verdict: Promise<void>
  readonly decide: () => void
  readonly arrival: Promise<Arrival>
}

export type Flights = Map<string, Flight>

/** Called by who was admitted to a store and has asked it: makes room for others, once. */
export type Leave = () => void

/** Registers the flight of a key, in the place of one that nobody may join any more, and runs it. */
export function startFlight(
  flight: Omit<Flight, 'verdict' | 'decide' | 'arrival'>,
  run: (flight: Flight) => Promise<Arrival>,
): Flight {
  const started = flight as { -readonly [Part in keyof Flight]: Flight[Part] }
  started.verdict = new Promise((resolve) => {
    started.decide = resolve
  })
  flight.flights.set(flight.watch.key, started)
  started.arrival = run(started)
  return started
}

/** Takes a flight off the map; a later one of the same key stays. */
export function leaveFlights(flight: Flight): void {
  const { flights, watch } = flight
  if (flights.get(watch.key) === flight) flights.delete(watch.key)
}
