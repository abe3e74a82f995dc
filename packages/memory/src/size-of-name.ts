import { sizeOfText } from './size-of-text.ts'

/** What a name costs that no object had before: a step in the shapes of objects. */
const NEW_NAME = 100
const MOST_NAMES = 10_000
const LONGEST_NAME = 64

/** Names that were counted: V8 keeps one copy of each, and objects of one shape share the rest. */
const names = new Set<string>()

/** Estimated bytes of the name of a property, which is nothing where it was counted before. */
export function sizeOfName(name: string): number {
  if (names.has(name)) return 0
  if (names.size >= MOST_NAMES) names.clear()
  if (name.length <= LONGEST_NAME) names.add(name)
  return NEW_NAME + sizeOfText(name)
}
