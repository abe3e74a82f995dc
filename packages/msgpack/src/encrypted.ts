import type { Codec } from '@shelflife/core'
import { checkNames } from '@shelflife/core/integration'

import { ENCRYPTED, wrappedId } from './codec-id.ts'
import { corrupt } from './corrupt.ts'
import type { EncryptionKey } from './key-ring.ts'
import { createKeyRing } from './key-ring.ts'

/** Options of `encrypted`. */
export interface EncryptedOptions {
  /**
   * The first key encrypts, all of them decrypt. To rotate: add the new key at the end everywhere, then move it to the
   * front everywhere, then drop the old one when its last entry has expired. At least one.
   */
  readonly keys: readonly EncryptionKey[]
}

/*
 * VERSION, length of the key's id, the key's id, nonce, AES-256-GCM of the payload with its tag.
 * All before the nonce is authenticated too, after the codec's id: what one codec wrote is not read by another.
 */
const VERSION = 1
const NONCE = 12

const OPTIONS = new Set(['keys'])

const encoder = new TextEncoder()
const decoder = new TextDecoder()

type Bytes = Uint8Array<ArrayBuffer>

function concat(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/**
 * A codec whose payloads are encrypted with AES-256-GCM (WebCrypto), each with a random nonce of 96 bits. Its id is
 * that of the codec plus 128. Bytes that were changed, or written with a key that is not among the keys, do not
 * decode, so the entry is a miss.
 *
 * Replace a key before it has encrypted 2 ** 32 payloads: that is the limit for random nonces (NIST SP 800-38D), 49
 * days at 1000 writes a second. Keys, lengths and times stay visible, and whoever can write to the store can put an
 * old payload back, or that of one key under another.
 *
 * @throws ShelflifeError `invalid-option`
 * @example encrypted(msgpackCodec, { keys: [{ id: '2025-01', key: secrets.cacheKey }] })
 */
export function encrypted(codec: Codec, options: EncryptedOptions): Codec {
  const id = wrappedId(codec, ENCRYPTED)
  checkNames('options of encrypted()', options, OPTIONS)
  const ring = createKeyRing(options.keys)
  const keyId = encoder.encode(ring.first)
  const header = Uint8Array.of(VERSION, keyId.length, ...keyId)

  const algorithm = (nonce: Bytes, front: Uint8Array) => ({
    name: 'AES-GCM',
    iv: nonce,
    additionalData: concat(Uint8Array.of(id), front),
  })

  async function decrypt(bytes: Bytes): Promise<Uint8Array> {
    const start = 2 + (bytes[1] ?? 0)
    if (bytes[0] !== VERSION || bytes.length < start + NONCE) corrupt('it is not encrypted, or by another release')
    const key = await ring.find(decoder.decode(bytes.subarray(2, start)))
    if (key === undefined) return corrupt('it was encrypted with a key that is not among the keys')
    const nonce = bytes.subarray(start, start + NONCE)
    const gcm = algorithm(nonce, bytes.subarray(0, start))
    try {
      return new Uint8Array(await crypto.subtle.decrypt(gcm, key, bytes.subarray(start + NONCE)))
    } catch (error) {
      return corrupt('it was encrypted with another key, or changed', { cause: error })
    }
  }

  return {
    id,
    name: `encrypted ${codec.name}`,
    async encode(value: unknown): Promise<Uint8Array> {
      const payload = (await codec.encode(value)) as Bytes
      const key = (await ring.find(ring.first)) as CryptoKey
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE))
      const secret = await crypto.subtle.encrypt(algorithm(nonce, header), key, payload)
      return concat(header, nonce, new Uint8Array(secret))
    },
    async decode(bytes: Uint8Array): Promise<unknown> {
      return codec.decode(await decrypt(bytes as Bytes))
    },
  }
}
