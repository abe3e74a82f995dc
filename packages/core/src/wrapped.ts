/** Which functions have which names, over all views of a cache. */
export interface Wrapped {
  /** Whether the last function that was wrapped under this name, as far as is remembered, was another one. One that is made anew is the same. */
  isOther(name: string, fn: unknown): boolean
}

/** Namespaces come and go with tenants, so only the last ones are remembered. */
const MOST = 1000
const LONGEST = 500

/** A text, because a function would keep alive what it was made in. */
function textOf(fn: unknown): string {
  const text = String(fn)
  return text.length + text.slice(0, LONGEST)
}

export function createWrapped(): Wrapped {
  const texts = new Map<string, string>()
  return {
    isOther(name, fn) {
      const text = textOf(fn)
      const known = texts.get(name)
      texts.set(name, text)
      if (known !== undefined) return known !== text
      for (const oldest of texts.keys()) {
        if (texts.size <= MOST) break
        texts.delete(oldest)
      }
      return false
    },
  }
}
