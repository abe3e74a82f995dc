import type { Database } from './database.ts'
import type { MachineClock } from './machine-clock.ts'

/** The time that all processes on a file go by, in milliseconds since 1970. Called in what the database runs. */
export interface SharedTime {
  now(): number
  /** The same in a transaction that writes: the others are told. */
  tell(): number
  /** It is at least as late as others have told. */
  hear(): void
}

export interface SharedTimeInput {
  readonly database: Database
  readonly time: MachineClock
  /** Milliseconds since some moment that is the same for all processes, such as the start of the machine: nobody sets them. */
  readonly uptime: () => number
}

interface Told {
  readonly latest: number
  readonly origin: number
}

/** Less than this is not told. */
const STEP = 20

/**
 * A process that starts after the clock of the machine was set back goes on from where the others are: the file says what
 * time it was when the machine started.
 */
export function createSharedTime({ database, time, uptime }: SharedTimeInput): SharedTime {
  let heardOf = 0

  /** What time it was when the machine started, as the others say. */
  function hear(): number {
    const { latest, origin } = database.get<Told>('SELECT latest, origin FROM state') as Told
    // after the machine has started anew that is too early, and the time of the last sweep is left
    time.raise(Math.max(latest, origin + uptime()))
    heardOf = database.opened()
    return origin
  }

  return {
    now() {
      if (heardOf !== database.opened()) hear()
      return time.now()
    },
    tell() {
      const told = hear()
      const now = time.now()
      const origin = now - uptime()
      if (Math.abs(origin - told) > STEP) database.run('UPDATE state SET origin = ?', origin)
      return now
    },
    hear: () => void hear(),
  }
}
