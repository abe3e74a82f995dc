/**
 * Time as the cache sees it. Only differences count, so the origin is free; the clock must never run backwards.
 * Tests inject their own; nothing else in Shelflife reads the time or sets a timer.
 */
export interface Clock {
  /** Milliseconds since a fixed origin of this process. */
  now(): number
  /**
   * Calls `run` once after `ms` milliseconds. Returns what cancels it. `keepsAlive`: whether the process must not end
   * before, because a caller waits for it. Default: false, as upkeep must not keep a process that has nothing else to do.
   */
  after(ms: number, run: () => void, options?: { readonly keepsAlive?: boolean }): () => void
}

type NextTick = (run: () => void) => void
const { process: host } = globalThis as { process?: { nextTick?: NextTick } }
const nextTick = host?.nextTick

const LONGEST_TIMER = 2 ** 31 - 1
const READS_PER_READING = 64
/** Milliseconds between readings that are likely to be of one turn of the event loop. */
const CLOSE = 0.01

let reading = 0
let reads = 0
let forgetting = false

function forget(): void {
  reads = 0
  forgetting = false
}

/**
 * Reading the clock costs more than the rest of a local hit, so where reads come thick one reading serves the rest of the
 * turn of the event loop: a tick queued from a microtask runs when the microtask queue is empty. The tick costs more than
 * a reading, so a turn that reads once does without. A loop of hits never leaves the turn, hence the second bound. Where
 * there is no `process.nextTick` every call reads.
 */
function now(): number {
  if (reads > 0 && reads < READS_PER_READING) {
    reads++
    return reading
  }
  const last = reading
  reading = performance.now()
  if (forgetting) reads = 1
  else if (nextTick !== undefined && reading - last < CLOSE) {
    reads = 1
    forgetting = true
    nextTick(forget)
  }
  return reading
}

function after(ms: number, run: () => void, options?: { readonly keepsAlive?: boolean }): () => void {
  const timer: ReturnType<typeof setTimeout> & { unref?(): void } = setTimeout(run, Math.min(ms, LONGEST_TIMER))
  // a number in some runtimes
  if (options?.keepsAlive !== true) timer.unref?.()
  return () => clearTimeout(timer)
}

/** The monotonic clock of the runtime (`performance.now()`), read seldom where it is asked often. */
export const systemClock: Clock = { now, after }
