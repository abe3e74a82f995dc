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
const READS_PER_READING = 8
/** Milliseconds between readings that are likely to be of one turn of the event loop. */
const CLOSE = 0.01
/** By how many milliseconds the wall clock may run ahead before that is time which nobody has counted. */
const AHEAD = 20

const wallClock = Date.now
const monotonic = performance.now
const isNative = /native code/.test(Function.prototype.toString.call(wallClock))

let source = monotonic
let dates = wallClock
let reading = performance.now()
/** What is added to the monotonic clock. */
let offset = 0
/** What the wall clock shows when this clock shows 0. */
let skew = Date.now() - reading
let reads = 0
let forgetting = false

function forget(): void {
  reads = 0
  forgetting = false
}

/**
 * The monotonic clock, which stands still while a machine sleeps or a test has another one in its place; by the wall clock
 * that time has passed as well. A wall clock that is set back tells nothing.
 */
function read(): number {
  if (performance.now !== source) {
    source = performance.now
    offset = reading - performance.now()
  }
  if (Date.now !== dates) {
    dates = Date.now
    // a mock that is taken away again leaves another date, and no time has passed
    if (dates === wallClock) skew = Infinity
  }
  const wall = Date.now()
  const at = performance.now() + offset
  const ahead = wall - at - skew
  if (ahead > AHEAD) {
    offset += ahead
    return at + ahead
  }
  // looked at again: the process may have been stopped between the two
  if (ahead < 0) skew = Math.min(skew, Date.now() - at)
  return at
}

/** Fake timers move time within a turn. They replace `Date`, which is cheaper to look at than `performance`. */
const isReal = (): boolean => isNative && Date.now === wallClock && source === monotonic

const isAllReal = (): boolean => isReal() && performance.now === monotonic

/**
 * Reading the clock costs more than the rest of a local hit, so where reads come thick one reading serves the next few of
 * the turn of the event loop: a tick queued from a microtask runs when the microtask queue is empty. The tick costs more
 * than a reading, so a turn that reads once does without. A loop of hits never leaves the turn, hence the second bound.
 * Where there is no `process.nextTick` every call reads.
 */
function now(): number {
  if (reads > 0 && reads < READS_PER_READING && isReal()) {
    reads++
    return reading
  }
  const last = reading
  reading = Math.max(last, forgetting && isAllReal() ? performance.now() + offset : read())
  // what comes after a pause begins anew
  if (nextTick === undefined || reading - last >= CLOSE * (reads || 1)) reads = 0
  else {
    reads = 1
    if (!forgetting) nextTick(forget)
    forgetting = true
  }
  return reading
}

function after(ms: number, run: () => void, options?: { readonly keepsAlive?: boolean }): () => void {
  const timer = setTimeout(run, Math.max(0, Math.min(ms, LONGEST_TIMER))) as { unref?(): void } | undefined
  // a number in some runtimes, nothing from some mocks
  if (options?.keepsAlive !== true) timer?.unref?.()
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
}

/**
 * The monotonic clock of the runtime (`performance.now()`), with the time for which a machine slept, and as fake timers of
 * tests move it. Of calls that follow each other within microseconds at most seven get the reading of the one before them,
 * also when the turn of the event loop goes on for long after that.
 */
export const systemClock: Clock = { now, after }

/**
 * The same clock, read at each call: for stores whose calls block the process, which would take a reading from before for
 * the time.
 */
export const exactClock: Clock = {
  now: () => (reading = Math.max(reading, read())),
  after,
}
