/** Random decisions that a seed repeats; what happens at the same time is still up to the machine. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  between(from: number, to: number): number
  whole(below: number): number
  chance(share: number): boolean
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    next,
    between: (from, to) => from + next() * (to - from),
    whole: (below) => Math.floor(next() * below),
    chance: (share) => next() < share,
  }
}
