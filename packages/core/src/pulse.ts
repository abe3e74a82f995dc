import type { Clock } from './clock.ts'

/** Milliseconds without an answer after which somebody gives up. */
interface Patience {
  readonly alone: number
  /** In a crowd, where an answer to anybody starts them anew. */
  readonly inCrowd: number
  /** Whoever is not answered for that long although others are was forgotten by the client. Default: no limit. */
  readonly inAll?: number
}

/** One who waits for a store; see `Pulse`. */
interface Wait {
  /** When it began. */
  readonly since: number
  /** Ends it. Answers for how many milliseconds it was the store that was waited for. */
  end(): number
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
  /** The store has answered somebody. */
  answered(): void
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

export function createPulse(clock: Clock): Pulse {
  let waiting = 0
  let answers = 0
  let answeredAt = -Infinity

  return {
    wait({ alone, inCrowd, inAll = Infinity }, act) {
      const since = clock.now()
      let lookedAt = since
      let seen = answers
      let waited = 0
      let total = 0
      let step = 0
      let isOver = false
      let cancel = (): void => {}
      waiting++
      let isCrowded = waiting >= CROWD

      function look(): void {
        const now = clock.now()
        isCrowded ||= waiting >= CROWD
        const awake = awakeIn(now - lookedAt, step)
        total += awake
        if (!isCrowded || answers === seen) waited += awake
        else waited = Math.min(now - answeredAt, awake)
        lookedAt = now
        seen = answers
      }

      function lookIn(left: number): void {
        step = Math.min(LOOK_EVERY, left)
        cancel = clock.after(step, lookAgain)
      }

      function lookAgain(): void {
        look()
        const left = Math.min((isCrowded ? inCrowd : alone) - waited, inAll - total)
        // less than a timer can wait for is nothing
        if (left >= 1) return lookIn(left)
        leave()
        act()
      }

      function leave(): void {
        if (!isOver) waiting--
        isOver = true
      }

      lookIn(alone)
      return {
        since,
        end() {
          cancel()
          if (!isOver) look()
          leave()
          return isCrowded ? 0 : waited
        },
      }
    },
    answered() {
      answers++
      answeredAt = clock.now()
    },
  }
}
