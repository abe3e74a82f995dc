const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const round = (lane: number, word: number): number => Math.imul(rotateLeft((lane + Math.imul(word, P2)) | 0, 13), P1)

/**
 * XXH32 of the bytes from `from` on, unsigned. Any change within one 32-bit word is always seen, any other with a
 * chance of 1 in 2^32 to be missed. Not for anything an attacker chooses.
 */
export function checksum(bytes: Uint8Array, from: number, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length - from
  let at = from
  let hash = (seed + P5) | 0
  if (length >= 16) {
    let a = (seed + P1 + P2) | 0
    let b = (seed + P2) | 0
    let c = seed | 0
    let d = (seed - P1) | 0
    for (; at <= bytes.length - 16; at += 16) {
      a = round(a, view.getInt32(at, true))
      b = round(b, view.getInt32(at + 4, true))
      c = round(c, view.getInt32(at + 8, true))
      d = round(d, view.getInt32(at + 12, true))
    }
    hash = (rotateLeft(a, 1) + rotateLeft(b, 7) + rotateLeft(c, 12) + rotateLeft(d, 18)) | 0
  }
  hash = (hash + length) | 0
  for (; at <= bytes.length - 4; at += 4) {
    hash = Math.imul(rotateLeft((hash + Math.imul(view.getInt32(at, true), P3)) | 0, 17), P4)
  }
  for (; at < bytes.length; at++) {
    hash = Math.imul(rotateLeft((hash + Math.imul(bytes[at] as number, P5)) | 0, 11), P1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), P2)
  hash = Math.imul(hash ^ (hash >>> 13), P3)
  return (hash ^ (hash >>> 16)) >>> 0
}
