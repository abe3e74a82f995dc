/** Bounds how many variants of one URI are stored. */
export interface VariantLimit {
  /** Whether this variant of what has this generation may be stored. */
  admits(generation: string, variant: string): boolean
}

const MOST_GENERATIONS = 1000

/** `most` for each generation; the last 1,000 of those are known. */
export function createVariantLimit(most: number): VariantLimit {
  const known = new Map<string, Set<string>>()
  return {
    admits(generation, variant) {
      const variants = known.get(generation) ?? new Set()
      if (variants.has(variant)) return true
      // the base entry is one of them
      if (variants.size >= most - 1) return false
      variants.add(variant)
      known.delete(generation)
      known.set(generation, variants)
      if (known.size > MOST_GENERATIONS) known.delete(known.keys().next().value as string)
      return true
    },
  }
}
