/** One bar of a chart. */
interface Bar {
  readonly name: string
  readonly value: number
}

/** One chart. Less is better in all of them. */
export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

/** What Shelflife is to reach. */
export interface Target {
  readonly name: string
  /** A ratio; less is better. */
  readonly reached: number
  readonly atMost: number
}

/** What a part has found. */
export interface Findings {
  /** Tables and what is needed to read them, in Markdown. */
  readonly text: string
  readonly panels?: readonly Panel[]
  readonly targets?: readonly Target[]
}

/** How thorough a part is. */
interface Effort {
  /** Rounds of what is measured in nanoseconds; what takes longer has fewer. */
  readonly rounds: number
}

/** One part of the benchmarks. */
export type Part = (effort: Effort) => Promise<Findings>
