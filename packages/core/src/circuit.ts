import type { Clock } from './clock.ts'

/** The loads of one name since the last one that succeeded. */
export interface Circuit {
  /** Whether so many keys have failed, and none succeeded, that the source itself must be down. */
  isOpen(): boolean
  /** Whether it is too long ago to tell anything. */
  isOver(): boolean
  /** A load of a key has failed that did not fail before. */
  failed(): void
  /** Whether a load has to wait. One that need not has to begin now: others wait for what it comes to. */
  holds(): boolean
}

/** Where every second key fails, so many in a row are one case in a million. */
const IN_A_ROW = 20
/** A load is let through once in this to twice this many milliseconds. */
const PAUSE = 500
const QUIET = 10_000

export function createCircuit(clock: Clock): Circuit {
  let failures = 0
  /** When it last failed or, once it is open, let a load through. */
  let at = clock.now()
  /** Loads that were asked about since. */
  let asked = 0
  let toSkip = 0

  const isOpen = (): boolean => failures >= IN_A_ROW
  const isOver = (): boolean => clock.now() - at >= QUIET

  return {
    isOpen,
    isOver,
    failed() {
      if (isOpen()) return
      failures++
      at = clock.now()
    },
    holds() {
      // who comes after a long time without any load finds another source than it was
      if (!isOpen() || isOver()) return false
      asked++
      const pause = clock.now() - at
      if (pause < PAUSE || (pause < 2 * PAUSE && toSkip-- > 0)) return true
      // any of them, whatever the order: the first may be those that fail while all the others would succeed
      toSkip = Math.floor(Math.random() * asked)
      asked = 0
      at = clock.now()
      return false
    },
  }
}
