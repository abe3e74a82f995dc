const Real = Date
let offset = 0

class Shifted extends Real {
  constructor(...args: readonly unknown[]) {
    super(...((args.length === 0 ? [Shifted.now()] : args) as []))
  }

  static override now(): number {
    return Real.now() + offset
  }
}

/** Sets the wall clock of this process off by so many milliseconds. */
export function setWallClock(ms: number): void {
  offset = ms
  Object.assign(globalThis, { Date: Shifted })
}
