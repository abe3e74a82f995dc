import type { Clock } from './clock.ts'

/** Stops calling a store that does not answer. */
export interface Breaker {
  /** Whether a command may be sent. While open, one probe is let through after each pause. */
  allows(): boolean
  isOpen(): boolean
  succeeded(): void
  failed(): void
}

const FAILURES = 3
const LATELY = 20
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5000

/**
 * Opens after three failures in a row, or when half of the last twenty commands failed; pauses double from 250 ms to
 * 5 s. `changed` hears of it.
 */
export function createBreaker(clock: Clock, changed: (state: 'open' | 'closed') => void): Breaker {
  let failures = 0
  let pause = 0
  let until = 0
  let isProbing = false
  /** Of the last commands, whether each failed. */
  let lately: boolean[] = []

  function note(isFailure: boolean): void {
    lately.push(isFailure)
    if (lately.length > LATELY) lately.shift()
  }

  const failsOften = (): boolean =>
    lately.length === LATELY && lately.filter((isFailure) => isFailure).length >= LATELY / 2

  return {
    allows() {
      if (pause === 0) return true
      const now = clock.now()
      if (now < until) return false
      // this caller is the probe; the next one is due a pause later, whatever becomes of this one
      until = now + pause
      isProbing = true
      return true
    },
    isOpen: () => pause > 0,
    succeeded() {
      failures = 0
      if (pause === 0) {
        if (lately.length === 0) return
        note(false)
        if (!lately.includes(true)) lately = []
        return
      }
      pause = 0
      isProbing = false
      lately = []
      changed('closed')
    },
    failed() {
      failures++
      note(true)
      const isEnough = failures >= FAILURES || failsOften()
      if (!isEnough || (pause > 0 && !isProbing)) return
      if (pause === 0) changed('open')
      pause = Math.min(pause === 0 ? FIRST_PAUSE : pause * 2, LONGEST_PAUSE)
      until = clock.now() + pause
      isProbing = false
    },
  }
}
