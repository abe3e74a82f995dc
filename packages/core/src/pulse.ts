import type { Clock } from './clock.ts'

/** Milliseconds without an answer after which somebody gives up. */
export interface Patience {
  readonly alone: number
  /** In a crowd, where an answer to anybody starts them anew. */
  readonly inCrowd: number
  /** Whoever is not answered for that long although others are was forgotten by the client. Default: no limit. */
  readonly inAll?: number
}

/** One who waits for a store; see `Pulse`. */
export interface Wait {
  /** When it began. */
  readonly since: number
}

/**
 * Whether a store is alive. Who waits for it with few others gives up when his time is over. Many wait for each other, so
 * nobody of them gives up while answers keep coming, whoever they are for, and everybody does when there have been none for
 * as long as he allows.
 *
 * Time counts while this process is awake. Whoever waits looks every 25 ms, and by as much as a look comes late it counts for
 * less: an event loop that was blocked for seconds has not seen what has long been there, and where a process gets little of a
 * processor, so does the store.
 */
export interface Pulse {
  /** Calls `act` when the time is over. */
  wait(patience: Patience, act: () => void): Wait
  /** Ends a wait. Answers for how many milliseconds it was the store that was waited for. */
  end(wait: Wait): number
  /** The store has answered somebody. */
  answered(): void
  /** When it last did. */
  answeredAt(): number
}

/** Milliseconds between two looks. */
const LOOK_EVERY = 25
/** What a look counts at least: a store that is dead has to be noticed in the end. */
const LEAST = 6
/** So many that wait at once wait for each other. */
const CROWD = 32

/** Of what has passed since the last look; what it is late is taken off, since on a busy machine the store is as late. */
function awakeIn(passed: number, step: number): number {
  return passed <= step ? passed : Math.max(2 * step - passed, LEAST)
}

interface Waiting extends Wait {
  readonly patience: Patience
  readonly act: () => void
  /** Answers to anybody when it last looked. */
  seen: number
  lookedAt: number
  /** Milliseconds from then to the next look. */
  step: number
  waited: number
  total: number
  isCrowded: boolean
}

/** One timer for all who wait: most are answered before they would look for the first time. */
export function createPulse(clock: Clock): Pulse {
  const all = new Set<Waiting>()
  let answers = 0
  let answeredAt = -Infinity
  let nextAt = Infinity
  let cancel = (): void => {}

  function plan(at: number, now: number): void {
    cancel()
    nextAt = at
    cancel = clock.after(at - now, lookAround)
  }

  function look(one: Waiting, now: number): void {
    const awake = awakeIn(now - one.lookedAt, one.step)
    one.total += awake
    if (!one.isCrowded || answers === one.seen) one.waited += awake
    else one.waited = Math.min(now - answeredAt, awake)
    one.lookedAt = now
    one.seen = answers
  }

  function lookAround(): void {
    const now = clock.now()
    const over: Waiting[] = []
    let at = Infinity
    for (const one of all) {
      // less than a timer can wait for is nothing
      if (one.lookedAt + one.step - now < 1 && !goesOn(one, now)) over.push(one)
      else at = Math.min(at, one.lookedAt + one.step)
    }
    for (const one of over) all.delete(one)
    nextAt = Infinity
    if (at < Infinity) plan(at, now)
    for (const { act } of over) act()
  }

  function goesOn(one: Waiting, now: number): boolean {
    look(one, now)
    const { isCrowded, waited, total, patience } = one
    const { inCrowd, alone, inAll = Infinity } = patience
    const left = Math.min((isCrowded ? inCrowd : alone) - waited, inAll - total)
    one.step = Math.min(LOOK_EVERY, left)
    return left >= 1
  }

  return {
    wait(patience, act) {
      const since = clock.now()
      const step = Math.min(LOOK_EVERY, patience.alone)
      const one: Waiting = {
        since,
        patience,
        act,
        seen: answers,
        lookedAt: since,
        step,
        waited: 0,
        total: 0,
        isCrowded: all.size >= CROWD,
      }
      all.add(one)
      // those that came first are of it from its first moment, and not from their next look
      if (all.size === CROWD) for (const any of all) any.isCrowded = true
      if (since + step < nextAt) plan(since + step, since)
      return one
    },
    end(wait) {
      const one = wait as Waiting
      if (all.delete(one)) look(one, clock.now())
      if (all.size === 0) {
        cancel()
        nextAt = Infinity
      }
      return one.isCrowded ? 0 : one.waited
    },
    answered() {
      answers++
      answeredAt = clock.now()
    },
    answeredAt: () => answeredAt,
  }
}
