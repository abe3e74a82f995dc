import { measure } from 'mitata'

/** How long one operation is measured in one round, in nanoseconds. */
const BUDGET = 40e6
/** Of what takes longer than that. */
const LEAST = 4

/**
 * The nanoseconds of one run, by the median of many. No full collection before: afterwards V8 runs everything slower
 * for a while, as no service does.
 */
export async function timeOf(run: () => unknown): Promise<number> {
  const { p50 } = await measure(run, { min_cpu_time: BUDGET, min_samples: LEAST, gc: false })
  return p50
}

/** How often everything is measured. */
interface Repetitions {
  readonly rounds: number
  /** Rounds before that do not count. Default: none. */
  readonly warmUp?: number
}

/** What was measured of each name, one figure for each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>

/**
 * Measures every name once a round, in a new order each time, so that whatever slows the machine down for a while slows
 * all of them. Only figures of one round may be compared.
 */
export async function inRounds(
  names: readonly string[],
  { rounds, warmUp = 0 }: Repetitions,
  figureOf: (name: string) => Promise<number>,
): Promise<Rounds> {
  const figures = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of rotated(names, round + warmUp)) {
      const figure = await figureOf(name)
      if (round >= 0) figures.get(name)?.push(figure)
    }
  }
  return figures
}

/** The same in another order: round after round everyone is first once. */
export function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
