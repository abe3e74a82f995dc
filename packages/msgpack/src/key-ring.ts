import { ShelflifeError } from '@shelflife/core'
import { checkNames } from '@shelflife/core/integration'

/** A key of `encrypted`. */
export interface EncryptionKey {
  /**
   * Written readable into every payload, so that a reader knows which key to take: 1 to 64 visible ASCII characters.
   * Never give the same id to another key.
   */
  readonly id: string
  /** 32 random bytes, the same as base64 (either alphabet), or a `CryptoKey` for AES-GCM with 256 bits. */
  readonly key: Uint8Array | string | CryptoKey
}

/** Keys by id, ready for use. */
export interface KeyRing {
  /** Of the key that encrypts. */
  readonly first: string
  find(id: string): Promise<CryptoKey> | undefined
}

const ID = /^[!-~]{1,64}$/
const BYTES = 32
const KEY = new Set(['id', 'key'])

// No message may contain anything of a key, and none has a `cause` that could.
function invalid(option: string, what: string): never {
  throw new ShelflifeError('invalid-option', `${option} ${what}`)
}

function fromBase64(text: string, option: string): Uint8Array {
  const binary = decodeBase64(text)
  if (binary === undefined) return invalid(option, 'is text that is not base64')
  return Uint8Array.from(binary, (unit) => unit.charCodeAt(0))
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return undefined
  }
}

function checkCryptoKey(key: CryptoKey, option: string, usages: readonly KeyUsage[]): void {
  const { name, length } = key.algorithm as Partial<AesKeyAlgorithm>
  if (name !== 'AES-GCM' || length !== BYTES * 8) invalid(option, 'must be for AES-GCM with 256 bits')
  const missing = usages.filter((usage) => !key.usages.includes(usage))
  if (missing.length > 0) invalid(option, `may not be used to ${missing.join(' and ')}`)
}

/** Imports on first use: WebCrypto may not be used while a Worker starts. */
function load({ key }: EncryptionKey, option: string, usages: readonly KeyUsage[]): () => Promise<CryptoKey> {
  if (key instanceof CryptoKey) {
    checkCryptoKey(key, option, usages)
    return () => Promise.resolve(key)
  }
  const isBytes = key instanceof Uint8Array
  if (!isBytes && typeof key !== 'string') invalid(option, 'must be 32 bytes, base64 or a CryptoKey')
  const bytes = isBytes ? key.slice() : fromBase64(key, option)
  if (bytes.length !== BYTES) invalid(option, `must have ${BYTES} bytes; it has ${bytes.length}`)
  let imported: Promise<CryptoKey> | undefined
  return () =>
    (imported ??= crypto.subtle.importKey('raw', bytes as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [...usages]))
}

/**
 * Checks the keys. The first one is for encrypting, all are for decrypting.
 *
 * @throws ShelflifeError `invalid-option`, with a message that contains nothing of a key
 */
export function createKeyRing(keys: readonly EncryptionKey[]): KeyRing {
  if (!Array.isArray(keys as unknown)) invalid('keys', 'must be a list')
  const loaded = new Map<string, () => Promise<CryptoKey>>()
  for (const [i, key] of keys.entries()) {
    checkNames(`keys[${i}]`, key, KEY)
    if (typeof key.id !== 'string' || !ID.test(key.id)) {
      invalid(`keys[${i}].id`, 'must be text of 1 to 64 visible ASCII characters')
    }
    if (loaded.has(key.id)) invalid(`keys[${i}].id`, 'is that of another key')
    loaded.set(key.id, load(key, `keys[${i}].key`, i === 0 ? ['encrypt', 'decrypt'] : ['decrypt']))
  }
  const [first] = keys
  if (first === undefined) return invalid('keys', 'must have at least one key')
  return { first: first.id, find: (id) => loaded.get(id)?.() }
}
