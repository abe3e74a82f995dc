/** Bounds how many variants of one URI are stored. */
export interface VariantLimit {
  /**
   * Takes a variant of what has this generation in, as the last one used.
   *
   * @returns the one that has not been used for longest, where there are too many now: it has to go
   */
  admit(generation: string, variant: string): string | undefined
}

const MOST_GENERATIONS = 1000

/** `most` for each generation; the last 1,000 of those are known. */
export function createVariantLimit(most: number): VariantLimit {
  const known = new Map<string, Set<string>>()
  return {
    admit(generation, variant) {
      const variants = known.get(generation) ?? new Set()
      known.delete(generation)
      known.set(generation, variants)
      if (known.size > MOST_GENERATIONS) known.delete(known.keys().next().value as string)
      variants.delete(variant)
      variants.add(variant)
      // the base entry is one of them
      if (variants.size <= most - 1) return undefined
      const oldest = variants.values().next().value as string
      variants.delete(oldest)
      return oldest
    },
  }
}
