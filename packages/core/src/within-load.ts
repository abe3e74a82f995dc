import type { AsyncStorage } from './async-hooks.ts'
import { ownStorage } from './async-hooks.ts'
import type { Clock } from './clock.ts'

/** A load, for what is read while it runs. */
interface Running {
  readonly clock: Clock
  readonly began: number
}

let storage: AsyncStorage<Running> | undefined
/** While there is none, nobody need ask which one it is. */
let running = 0

/** Has loads be recognised from now on, where the runtime can do that. */
export function followLoads(): void {
  storage ??= ownStorage()
}

/** Runs a loader that began then. */
export function withinLoad<Result>(load: Running, run: () => Result): Result | Promise<Awaited<Result>> {
  return storage === undefined ? run() : follow(storage, load, run)
}

async function follow<Result>(by: AsyncStorage<Running>, load: Running, run: () => Result): Promise<Awaited<Result>> {
  running++
  try {
    return await by.run(load, run)
  } finally {
    running--
  }
}

/** Whether this is called by a loader. */
export const isWithinLoad = (): boolean => running > 0 && storage?.getStore() !== undefined

/** When the load began in which this is called; `-Infinity` outside of loads. */
export function loadBegan(clock: Clock): number {
  const load = running > 0 ? storage?.getStore() : undefined
  if (load === undefined) return -Infinity
  // of a cache with another clock nothing can be compared
  return load.clock === clock ? load.began : Infinity
}
