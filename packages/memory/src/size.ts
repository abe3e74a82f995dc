/** What V8 needs for an object of any kind before its contents, roughly. */
const OBJECT = 32
const SLOT = 8
const MOST_VISITED = 10_000

const isLatin1 = (text: string): boolean => {
  // one look at the start: reading every character would cost more than the answer is worth
  for (let i = 0; i < text.length && i < 32; i++) if (text.charCodeAt(i) > 255) return false
  return true
}

const sizeOfText = (text: string): number => 16 + text.length * (isLatin1(text) ? 1 : 2)

/**
 * Estimated bytes that a value keeps alive: right in the order of magnitude, not to the byte. What is referred to
 * twice counts once; after 10,000 objects the rest is taken to be like what was seen.
 */
export function sizeOf(value: unknown): number {
  const seen = new Set<object>()
  const waiting: unknown[] = [value]
  let bytes = 0
  while (waiting.length > 0) {
    if (seen.size >= MOST_VISITED) return Math.ceil(bytes * (1 + waiting.length / seen.size))
    bytes += SLOT + ownSize(waiting.pop(), seen, waiting)
  }
  return bytes
}

function ownSize(value: unknown, seen: Set<object>, waiting: unknown[]): number {
  if (typeof value === 'string') return sizeOfText(value)
  if (typeof value === 'bigint') return OBJECT
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0
  seen.add(value)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return OBJECT + value.byteLength
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
  // objects of one shape share their property names
  for (const content of Object.values(value)) waiting.push(content)
  return OBJECT
}
