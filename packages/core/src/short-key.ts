import { flatCopy } from './flat-copy.ts'
import { sha256 } from './sha256.ts'

const LONGEST = 200
/** Of a block of SHA-256, in bytes. */
const BLOCK = 64

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const encoder = new TextEncoder()

/** Where the arguments of a key begin. */
const startOf = (key: string): number => key.indexOf('(') + 1

const replaced = (key: string, hash: (bytes: Uint8Array) => Uint8Array): string => {
  const start = startOf(key)
  return `${flatCopy(key.slice(0, start))}#${hex(hash(encoder.encode(key.slice(start, -1))))})`
}

/**
 * Replaces the arguments in a key by their SHA-256 where they are longer than 200 characters, so that keys stay short
 * in the store and on the bus. A cache without a remote store keeps them: its memory is bounded by bytes anyhow.
 */
export const shortKey = (key: string): string =>
  key.length - startOf(key) <= LONGEST + 1 ? key : replaced(key, sha256)

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/**
 * For a store whose keys must not tell what they are about: makes a `keyOf` that replaces the arguments in every key by
 * their HMAC-SHA-256 (RFC 2104) under a secret. Names of functions and tags stay readable. Another secret is another key
 * space.
 *
 * @example const store = { ...exampleStore(client), keyOf: secretKeys(secret) }
 */
export function secretKeys(secret: Uint8Array): (key: string) => string {
  const block = join(secret.length > BLOCK ? sha256(secret) : secret, new Uint8Array(BLOCK)).slice(0, BLOCK)
  const inner = block.map((byte) => byte ^ 0x36)
  const outer = block.map((byte) => byte ^ 0x5c)
  return (key) => replaced(key, (bytes) => sha256(join(outer, sha256(join(inner, bytes)))))
}
