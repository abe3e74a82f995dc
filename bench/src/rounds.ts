import { measure } from 'mitata'

/** The nanoseconds of an operation in one round. */
export type Times = (name: string) => number

/** CPU time of one operation in one round. */
const BUDGET = 40e6
const WARM_UP = 2

/**
 * Measures every operation once a round, in a new order each time, so that whatever slows the machine down for a
 * while slows all of them. Only numbers of one round may be compared. No full collection in between: afterwards V8 runs
 * everything slower for a while, as no service does.
 */
export async function rounds(cases: Readonly<Record<string, () => unknown>>, count: number): Promise<readonly Times[]> {
  const names = Object.keys(cases)
  const measured: Times[] = []
  for (let round = -WARM_UP; round < count; round++) {
    const times = new Map<string, number>()
    for (const name of rotated(names, round + WARM_UP)) {
      const { p50 } = await measure(cases[name] as () => unknown, { min_cpu_time: BUDGET, gc: false })
      times.set(name, p50)
    }
    if (round >= 0) measured.push((name) => times.get(name) ?? Number.NaN)
  }
  return measured
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
