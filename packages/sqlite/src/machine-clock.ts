import type { Clock } from '@shelflife/core'

/** The clock that all processes of this machine go by, in milliseconds since 1970. */
export interface MachineClock {
  now(): number
  /** The same moment on the clock of this process, `Infinity` for what never ends. */
  toLocal(time: number): number
  /** It is at least this late: another process has said so. */
  raise(time: number): void
}

/** Less than this is not noticed and does no harm. */
const STEP = 20

/**
 * The clock of the wall, which never goes back: after it was set back time goes on from where it was, so that nothing lives
 * longer than it should. After it was set forward everything is that much older.
 */
export function createMachineClock(clock: Clock, wall: () => number): MachineClock {
  let offset = wall() - clock.now()

  function raise(time: number): void {
    const ahead = time - clock.now() - offset
    if (ahead > STEP) offset += ahead
  }

  return {
    now() {
      raise(wall())
      return clock.now() + offset
    },
    toLocal: (time) => time - offset,
    raise,
  }
}
