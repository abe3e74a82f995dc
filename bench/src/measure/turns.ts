/** How many arguments take turns. A power of two. */
export const TURNS = 128

/** Answers with one argument after the other, made beforehand. */
export function turns<T>(make: (i: number) => T, size: number = TURNS): () => T {
  const items = Array.from({ length: size }, (_, i) => make(i))
  const mask = size - 1
  let next = 0
  return () => items[next++ & mask] as T
}
