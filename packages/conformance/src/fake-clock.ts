import type { Clock } from '@shelflife/core'

/** A clock that stands still until it is told to advance. None of its timers keeps a process alive. */
export interface FakeClock extends Clock {
  /**
   * Moves time on by so many milliseconds, from 0, and runs every timer that becomes due, in order.
   *
   * @throws RangeError for what is no such number
   */
  advance(ms: number): void
  /** Timers that have neither run nor been cancelled. */
  pending(): number
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

/**
 * @example
 * const clock = fakeClock()
 * const cache = createCache({ namespace: 'test', store: memoryStore({ clock }), clock })
 * clock.advance(60_000)
 */
export function fakeClock(start = 1000): FakeClock {
  let time = start
  const timers = new Set<Timer>()

  function nextDue(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer
    return next
  }

  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`a clock advances by milliseconds from 0; received ${String(ms)}`)
      const until = time + ms
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer)
        time = Math.max(time, timer.at)
        timer.run()
      }
      time = until
    },
    pending: () => timers.size,
  }
}
