/** What V8 needs for an object of any kind before its contents, roughly. */
const OBJECT = 32
const SLOT = 8
const MOST_VISITED = 10_000
/** Larger elements of a list are not believed in when the rest of it is guessed. */
const OBJECTS_IN_ELEMENT = 4
/** Small Buffers share one of these; a part of anything larger keeps all of it alive. */
const LARGEST_POOL = 64 * 1024

/** Objects with more properties than this may be dictionaries, each with names of its own. */
const FEW_NAMES = 16
/** What a name costs that no object had before: a step in the shapes of objects. */
const NEW_NAME = 100
const MOST_NAMES = 10_000
const LONGEST_NAME = 64

/** Names that were counted: V8 keeps one copy of each, and objects of one shape share the rest. */
const names = new Set<string>()

function sizeOfNames(object: object): number {
  const own = Object.keys(object)
  if (own.length <= FEW_NAMES) return 0
  let bytes = 0
  for (const name of own) {
    if (names.has(name)) continue
    if (names.size >= MOST_NAMES) names.clear()
    if (name.length <= LONGEST_NAME) names.add(name)
    bytes += NEW_NAME + sizeOfText(name)
  }
  return bytes
}

const isLatin1 = (text: string): boolean => {
  // one look at the start: reading every character would cost more than the answer is worth
  for (let i = 0; i < text.length && i < 32; i++) if (text.charCodeAt(i) > 255) return false
  return true
}

/** Estimated bytes of a text, on its own. */
export const sizeOfText = (text: string): number => 16 + text.length * (isLatin1(text) ? 1 : 2)

/**
 * Estimated bytes that a value keeps alive: right in the order of magnitude, not to the byte. What is referred to
 * twice counts once; after 10,000 objects the rest is taken to be like what was seen.
 */
export function sizeOf(value: unknown): number {
  const seen = new Set<object>()
  const waiting: unknown[] = [value]
  let bytes = 0
  let most = 0
  while (waiting.length > 0) {
    if (seen.size >= MOST_VISITED) {
      // what waits are mostly elements of one large list, of which as many have been taken as fewer wait
      const taken = Math.max(most - waiting.length, seen.size / OBJECTS_IN_ELEMENT)
      return Math.ceil(bytes * (1 + waiting.length / taken))
    }
    most = Math.max(most, waiting.length)
    bytes += SLOT + ownSize(waiting.pop(), seen, waiting)
  }
  return bytes
}

function ownSize(value: unknown, seen: Set<object>, waiting: unknown[]): number {
  if (typeof value === 'string') return sizeOfText(value)
  if (typeof value === 'bigint') return OBJECT
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0
  seen.add(value)
  if (value instanceof ArrayBuffer) return OBJECT + value.byteLength
  if (ArrayBuffer.isView(value)) {
    if (value.buffer.byteLength <= LARGEST_POOL) return OBJECT + value.byteLength
    waiting.push(value.buffer)
    return OBJECT
  }
  if (value instanceof Map) {
    for (const [key, content] of value) waiting.push(key, content)
    return OBJECT + value.size * SLOT
  }
  if (value instanceof Set) {
    for (const content of value) waiting.push(content)
    return OBJECT + value.size * SLOT
  }
  if (Array.isArray(value)) {
    for (const content of value) waiting.push(content)
    return OBJECT
  }
  for (const content of Object.values(value)) waiting.push(content)
  return OBJECT + sizeOfNames(value)
}
