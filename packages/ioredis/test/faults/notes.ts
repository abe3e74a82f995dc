import type { Phase, PhaseReport } from './report.ts'

export interface Notes {
  phase: Phase
  load(): void
  call(phase: Phase, call: Call): void
  invalidation(phase: Phase, took: number): void
  readonly phases: Readonly<Record<Phase, PhaseReport>>
}

interface Call {
  readonly outcome: string
  readonly took: number
  /** Whether another process was loading the key. */
  readonly isWaiter: boolean
}

interface Counted {
  readonly outcomes: Record<string, number>
  loads: number
  slowest: number
  slowestWaiter: number
  slowestInvalidation: number
}

const counted = (): Counted => ({ outcomes: {}, loads: 0, slowest: 0, slowestWaiter: 0, slowestInvalidation: 0 })

/** What callers saw, by the phase in which they called. */
export function createNotes(phase: Phase): Notes {
  const phases = { before: counted(), fault: counted(), recovering: counted(), after: counted() }
  const notes: Notes = {
    phase,
    phases,
    load: () => void phases[notes.phase].loads++,
    call(at, { outcome, took, isWaiter }) {
      const { outcomes } = phases[at]
      const slowest = isWaiter ? 'slowestWaiter' : 'slowest'
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      phases[at][slowest] = Math.max(phases[at][slowest], took)
    },
    invalidation(at, took) {
      phases[at].slowestInvalidation = Math.max(phases[at].slowestInvalidation, took)
    },
  }
  return notes
}
