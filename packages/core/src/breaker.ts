import type { Clock } from './clock.ts'

/** Stops calling a store that does not answer. */
export interface Breaker {
  /** Whether a command may be sent. While open none is, and the first to ask after a pause starts a probe. */
  allows(): boolean
  isOpen(): boolean
  /** Whether the last command was not answered, if it is open or not. */
  isFailing(): boolean
  /** Starts a probe while it is failing, after a pause. */
  look(): void
  /** Whether nothing at all has been heard of the store while several probes were sent. */
  isAway(): boolean
  /** How a command ended that was let through. */
  noted(isAnswered: boolean): void
  /** How a probe ended. */
  probed(isAnswered: boolean): void
  /** Something was heard of the store: whoever asks next starts a probe. */
  heard(): void
  /** Ends what would look by itself. */
  stop(): void
}

export interface BreakerListener {
  changed(state: 'open' | 'closed'): void
  /** Asks the store for something that costs it nothing. Nobody waits for it. */
  probe(): void
  /** Whether nothing new may begin. */
  isClosing(): boolean
}

const FAILURES = 3
const LATELY = 20
/** Short, because a probe costs no caller anything, and what is well again is to be used within a second. */
const PAUSE = 250
/** Where nobody asks: who comes a second after the store is well finds it in use. */
const QUIET = 750
/** One may be lost on a busy machine; by then, what callers have waited for makes more than half a second. */
const LOST_PROBES = 2

/**
 * Opens after three failures in a row, or when half of the last twenty commands failed, and closes when a probe is
 * answered; there is one every 250 ms while somebody asks, and every 750 ms where nobody does.
 */
export function createBreaker(clock: Clock, { changed, probe, isClosing }: BreakerListener): Breaker {
  let failures = 0
  let isOpen = false
  let lostProbes = 0
  let until = 0
  /** Of the last commands, whether each was answered. */
  let lately: boolean[] = []
  let cancel: (() => void) | undefined

  /** As long as it is failing. */
  function lookLater(): void {
    if (isClosing() || !isFailing()) return
    cancel ??= clock.after(QUIET, () => {
      cancel = undefined
      if (isClosing()) return
      look()
      lookLater()
    })
  }

  function rest(): void {
    cancel?.()
    cancel = undefined
  }

  const failsOften = (): boolean =>
    lately.length === LATELY && lately.filter((isAnswered) => !isAnswered).length >= LATELY / 2

  function close(): void {
    isOpen = false
    failures = lostProbes = 0
    lately = []
    rest()
    changed('closed')
  }

  const isFailing = (): boolean => isOpen || failures > 0

  function look(): void {
    const now = clock.now()
    if (!isFailing() || now < until) return
    // the next one is due a pause later, whatever becomes of this one
    until = now + PAUSE
    probe()
  }

  function noted(isAnswered: boolean): void {
    // what was under way when it opened: an answer is as good as that to a probe, a failure says nothing new
    if (isOpen) return isAnswered ? close() : undefined
    failures = isAnswered ? 0 : failures + 1
    if (isAnswered) rest()
    else lookLater()
    if (isAnswered && lately.length === 0) return
    lately.push(isAnswered)
    if (lately.length > LATELY) lately.shift()
    if (!lately.includes(false)) lately = []
    if (failures < FAILURES && !failsOften()) return
    isOpen = true
    until = clock.now() + PAUSE
    changed('open')
  }

  return {
    allows() {
      if (isOpen) look()
      return !isOpen
    },
    isOpen: () => isOpen,
    isFailing,
    look,
    isAway: () => isOpen && lostProbes >= LOST_PROBES,
    noted,
    probed(isAnswered) {
      if (isAnswered) noted(true)
      else if (isOpen) lostProbes++
    },
    heard() {
      lostProbes = 0
      until = clock.now()
    },
    stop: rest,
  }
}
