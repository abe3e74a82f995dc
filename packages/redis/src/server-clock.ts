/** The clock of the server as this process can tell it: its own, and an offset. */
export interface ServerClock {
  /** Takes in what the server said, asked at `sentAt` and heard at `heardAt` on the clock of this process. */
  learn(serverNow: number, sentAt: number, heardAt: number): void
  /** Whether the offset is not known, or was learnt too long ago. */
  isDue(now: number): boolean
  /** A time of the server on the clock of this process, `Infinity` for what never ends. */
  toLocal(serverTime: number): number
  isKnown(): boolean
}

/** Two oscillators drift apart by some milliseconds a minute at worst. */
const WINDOW = 30_000
/** Less than this is not noticed and does no harm. */
const STEP = 20
const NEVER = 9e15

/**
 * The server may have looked at its clock at any time between question and answer. The latest is assumed, so that
 * entries look too old rather than too young, and the best of recent measurements counts.
 */
export function createServerClock(): ServerClock {
  let previous = Infinity
  let recent = Infinity
  let turnedAt = -Infinity
  const offset = (): number => Math.min(previous, recent)

  return {
    learn(serverNow, sentAt, heardAt) {
      if (!Number.isFinite(serverNow)) throw new TypeError('the server does not say what time it is')
      // its clock was set forward, or another server answers now
      if (serverNow - heardAt > offset() + STEP) previous = recent = Infinity
      if (heardAt - turnedAt >= WINDOW) {
        turnedAt = heardAt
        previous = recent
        recent = Infinity
      }
      recent = Math.min(recent, serverNow - sentAt)
    },
    isKnown: () => offset() < Infinity,
    isDue: (now) => now - turnedAt >= WINDOW,
    toLocal: (serverTime) => (serverTime >= NEVER ? Infinity : serverTime - offset()),
  }
}
