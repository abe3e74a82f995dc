import { hex } from './key.ts'
import { sha256 } from './sha256.ts'

const LONGEST = 200

/**
 * Replaces the arguments in a key by their SHA-256 where they are longer than 200 characters, so that keys stay short
 * in the store and on the bus. A cache without a remote store keeps them: its memory is bounded by bytes anyhow.
 */
export function shortKey(key: string): string {
  const start = key.indexOf('(') + 1
  if (key.length - start <= LONGEST + 1) return key
  return `${key.slice(0, start)}#${hex(sha256(new TextEncoder().encode(key.slice(start, -1))))})`
}
