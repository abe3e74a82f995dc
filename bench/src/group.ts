import type { Times } from './rounds.ts'

/** Operations that are measured side by side, and what is told about them. */
export interface Group {
  readonly cases: Readonly<Record<string, () => unknown>>
  /** How many operations one run of a case is. Default 1. */
  readonly operations?: number
  /** The operation whose time is 1. */
  readonly baseline: string
  readonly targets: readonly Target[]
  close(): Promise<void>
}

export interface Target {
  /** The operation it is about. */
  readonly name: string
  readonly atMost: number
  /** What the number counts, such as `× Map.get`. */
  readonly unit: string
  /** The number, from the times of one round. */
  readonly of: (time: Times) => number
}

/** The target of an operation as a multiple of the baseline. */
export function multiple(name: string, baseline: string, atMost: number): Target {
  return { name, atMost, unit: '×', of: (time) => time(name) / time(baseline) }
}
