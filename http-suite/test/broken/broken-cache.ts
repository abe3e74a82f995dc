import type { Rules } from '../reference-policy.ts'

/** A mistake in a shared cache, and tests of the suite that have to notice it. */
export interface BrokenCache {
  readonly fails: readonly string[]
  readonly change: Partial<Rules>
}
