import type { Clock } from './clock.ts'

/** Stops calling a store that does not answer. */
export interface Breaker {
  /** Whether a command may be sent. While open none is, and the first to ask after a pause starts a probe. */
  allows(): boolean
  isOpen(): boolean
  /** How a command ended that was let through. */
  noted(isAnswered: boolean): void
  /** How a probe ended. */
  probed(isAnswered: boolean): void
}

export interface BreakerListener {
  changed(state: 'open' | 'closed'): void
  /** Asks the store for something that costs it nothing. Nobody waits for it. */
  probe(): void
}

const FAILURES = 3
const LATELY = 20
const FIRST_PAUSE = 250
/** Short, because a probe costs no caller anything. */
const LONGEST_PAUSE = 2000

/**
 * Opens after three failures in a row, or when half of the last twenty commands failed, and closes when a probe is
 * answered; the pauses between probes double from 250 ms to 2 s.
 */
export function createBreaker(clock: Clock, { changed, probe }: BreakerListener): Breaker {
  let failures = 0
  let pause = 0
  let until = 0
  /** Of the last commands, whether each was answered. */
  let lately: boolean[] = []

  const failsOften = (): boolean =>
    lately.length === LATELY && lately.filter((isAnswered) => !isAnswered).length >= LATELY / 2

  function waitFor(ms: number): void {
    pause = Math.min(ms, LONGEST_PAUSE)
    until = clock.now() + pause
  }

  function close(): void {
    pause = failures = 0
    lately = []
    changed('closed')
  }

  return {
    allows() {
      if (pause === 0) return true
      const now = clock.now()
      if (now >= until) {
        // the next one is due a pause later, whatever becomes of this one
        until = now + pause
        probe()
      }
      return false
    },
    isOpen: () => pause > 0,
    noted(isAnswered) {
      // what was under way when it opened: an answer is as good as that to a probe, a failure says nothing new
      if (pause > 0) return isAnswered ? close() : undefined
      failures = isAnswered ? 0 : failures + 1
      if (isAnswered && lately.length === 0) return
      lately.push(isAnswered)
      if (lately.length > LATELY) lately.shift()
      if (!lately.includes(false)) lately = []
      if (failures < FAILURES && !failsOften()) return
      waitFor(FIRST_PAUSE)
      changed('open')
    },
    probed(isAnswered) {
      if (pause === 0) return
      if (isAnswered) close()
      else waitFor(pause * 2)
    },
  }
}
