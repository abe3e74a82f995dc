/** So many shapes are remembered, and as many from before. */
const MOST = 1000
/** Characters of names that are compared. */
const LONGEST = 500

let newer = new Set<string>()
let older = new Set<string>()

/**
 * Whether an object is the first of late that has just these names in this order. V8 keeps a description of each such shape, which
 * objects that are made alike share; those with names of their own, as a cart by article, have one each.
 */
export function isNewShape(names: readonly string[]): boolean {
  const shape = names.join('\0')
  if (shape.length > LONGEST) return true
  if (newer.has(shape)) return false
  const isNew = !older.has(shape)
  newer.add(shape)
  if (newer.size >= MOST) [older, newer] = [newer, new Set()]
  return isNew
}
