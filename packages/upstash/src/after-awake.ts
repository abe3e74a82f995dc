import type { Clock } from '@shelflife/core'

/** So many looks at the clock: a request has a timer of its own, and there may be thousands. */
const LOOKS = 4
/** What a look counts at least, as a part of its time: a service that is dead has to be noticed in the end. */
const LEAST = 10
/** So many times as long in all, whatever is heard: one that was lost on its way would have one of few places for ever. */
const MOST_TIMES = 5

export interface Awake {
  readonly clock: Pick<Clock, 'now' | 'after'>
  readonly ms: number
  /** How often something was heard until now. Default: never. */
  readonly heard?: () => number
}

/**
 * Calls `act` when this process has been awake for so many milliseconds and has heard nothing meanwhile. While its event loop is
 * blocked nothing is sent or read, so by as much as a look at the clock comes late it counts for less. At the end there is one
 * more look: timers run before what has long been there is read.
 */
export function afterAwake({ clock, ms, heard = () => 0 }: Awake, act: () => void): void {
  const longest = ms / LOOKS
  let left = ms
  let leftInAll = MOST_TIMES * ms
  let step = longest
  let lookedAt = clock.now()
  let seen = heard()

  function look(): void {
    const now = clock.now()
    const late = now - lookedAt - step
    const awake = Math.max(step / LEAST, step - Math.max(0, late))
    leftInAll -= awake
    left = heard() === seen ? left - awake : ms
    seen = heard()
    lookedAt = now
    const wasLast = step === 0
    // less than a timer can wait for is nothing
    step = Math.min(longest, left, leftInAll)
    if (step < 1) step = 0
    if (wasLast && step === 0) act()
    else clock.after(step, look)
  }

  clock.after(step, look)
}
