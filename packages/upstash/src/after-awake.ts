import type { Clock } from '@shelflife/core'

/** So many looks at the clock: a request has a timer of its own, and there may be thousands. */
const LOOKS = 4
/** What a look counts at least, as a part of its time: a service that is dead has to be noticed in the end. */
const LEAST = 10

/**
 * Calls `act` when this process has been awake for so many milliseconds. While its event loop is blocked nothing is sent or read, so
 * by as much as a look at the clock comes late it counts for less. At the end there is one more look: timers run before
 * what has long been there is read.
 */
export function afterAwake(clock: Pick<Clock, 'now' | 'after'>, ms: number, act: () => void): void {
  const longest = ms / LOOKS
  let left = ms
  let step = longest
  let lookedAt = clock.now()

  function look(): void {
    const now = clock.now()
    const late = now - lookedAt - step
    left -= Math.max(step / LEAST, step - Math.max(0, late))
    lookedAt = now
    step = Math.min(longest, left)
    clock.after(step < 1 ? 0 : step, step < 1 ? act : look)
  }

  clock.after(step, look)
}
