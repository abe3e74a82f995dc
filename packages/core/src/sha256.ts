const primes: number[] = []
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)

const fraction = (x: number): number => ((x % 1) * 2 ** 32) | 0
const K = primes.map((prime) => fraction(Math.cbrt(prime)))
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/**
 * SHA-256 (FIPS 180-4): 32 bytes. Written here because a key may be chosen by an attacker, WebCrypto's digest is
 * asynchronous, and a package would be the only dependency.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6))
  const padded = new Uint8Array(view.buffer)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  view.setBigUint64(view.byteLength - 8, BigInt(bytes.length) * 8n)

  const state = Int32Array.from(START)
  const w = new Int32Array(64)
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
    for (let i = 0; i < 64; i++) {
      const before = (back: number): number => w[i - back] as number
      w[i] =
        i < 16
          ? view.getInt32(block + i * 4)
          : before(16) +
            (rotate(before(15), 7) ^ rotate(before(15), 18) ^ (before(15) >>> 3)) +
            before(7) +
            (rotate(before(2), 17) ^ rotate(before(2), 19) ^ (before(2) >>> 10))
      const t1 =
        h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (K[i] as number) + before(0)
      const t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word
  }
  const digest = new DataView(new ArrayBuffer(32))
  for (const [i, word] of state.entries()) digest.setInt32(i * 4, word)
  return new Uint8Array(digest.buffer)
}
