import { ShelflifeError } from './errors.ts'
import { checksum } from './checksum.ts'

/** What a remote store keeps beside the value. Fresh or not is decided without decoding the payload. */
export interface Envelope {
  readonly codec: number
  /** In milliseconds; `ttl` may be `Infinity`. */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly earlyRefresh: number
  readonly sliding: boolean
  readonly cost: number
  readonly tier: string
  readonly tags: readonly string[]
  /** The id that each tag had before the load. */
  readonly ids: readonly string[]
  readonly payload: Uint8Array
}

/*
 *  0  'S' 'L'
 *  2  version
 *  3  codec id
 *  4  XXH32 of all that follows, seeded with version, codec and key: an envelope under another key is foreign
 *  8  length of the text
 * 12  ttl, staleWhileRevalidate, staleIfError, cost: float64
 * 44  text: JSON of [tier, tags, ids], with earlyRefresh and sliding (1) where there are any, then the payload
 */
const MAGIC = 0x534c
const VERSION = 1
const TEXT = 44

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** FNV-1a over the code units: encoding the key first would take longer than the whole checksum of a small entry. */
export function seedOf(key: string, version: number, codec: number): number {
  let hash = 0x811c9dc5 ^ ((version << 8) | codec)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash
}

export function encodeEnvelope(key: string, envelope: Envelope): Uint8Array {
  const { tier, tags, ids, earlyRefresh, sliding } = envelope
  const header: unknown[] = [tier, tags, ids]
  if (earlyRefresh > 0 || sliding) header.push(earlyRefresh, Number(sliding))
  const text = encoder.encode(JSON.stringify(header))
  const bytes = new Uint8Array(TEXT + text.length + envelope.payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, MAGIC)
  view.setUint8(2, VERSION)
  view.setUint8(3, envelope.codec)
  view.setUint32(8, text.length)
  view.setFloat64(12, envelope.ttl)
  view.setFloat64(20, envelope.staleWhileRevalidate)
  view.setFloat64(28, envelope.staleIfError)
  view.setFloat64(36, envelope.cost)
  bytes.set(text, TEXT)
  bytes.set(envelope.payload, TEXT + text.length)
  view.setUint32(4, checksum(bytes, 8, seedOf(key, VERSION, envelope.codec)))
  return bytes
}

function corrupt(what: string): never {
  throw new ShelflifeError('corrupt-envelope', `the bytes under this key are not an entry of Shelflife: ${what}`)
}

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string')

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1

/**
 * Reads an envelope without touching its payload.
 *
 * @throws ShelflifeError `corrupt-envelope` for foreign, truncated, changed or newer bytes
 */
export function decodeEnvelope(key: string, bytes: Uint8Array): Envelope {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < TEXT || view.getUint16(0) !== MAGIC) corrupt('it starts with something else')
  if (view.getUint8(2) !== VERSION) corrupt(`its format is version ${view.getUint8(2)}, this release reads ${VERSION}`)
  const codec = view.getUint8(3)
  if (view.getUint32(4) !== checksum(bytes, 8, seedOf(key, VERSION, codec))) corrupt('its checksum does not fit')
  const end = TEXT + view.getUint32(8)
  if (end > bytes.length) corrupt('it is truncated')
  const ttl = view.getFloat64(12)
  const staleWhileRevalidate = view.getFloat64(20)
  const staleIfError = view.getFloat64(28)
  const cost = view.getFloat64(36)
  if (!(ttl > 0 && staleWhileRevalidate >= 0 && staleIfError >= 0 && cost >= 0)) corrupt('its lifetime makes no sense')
  const { tier, tags, ids, earlyRefresh, sliding } = parseHeader(bytes, end)
  const payload = bytes.subarray(end)
  return { codec, ttl, staleWhileRevalidate, staleIfError, cost, tier, tags, ids, earlyRefresh, sliding, payload }
}

/** Whether the bytes are whole, and of a later format than this release knows: its first 8 bytes are the same. */
export function isNewer(key: string, bytes: Uint8Array): boolean {
  if (!(bytes instanceof Uint8Array) || bytes.length < TEXT) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint8(2)
  if (view.getUint16(0) !== MAGIC || version <= VERSION) return false
  return view.getUint32(4) === checksum(bytes, 8, seedOf(key, version, view.getUint8(3)))
}

type Header = Pick<Envelope, 'tier' | 'tags' | 'ids' | 'earlyRefresh' | 'sliding'>

let lastBytes = new Uint8Array()
let last: Header = { tier: '', tags: [], ids: [], earlyRefresh: 0, sliding: false }

/** Whether the header of an envelope is the one that was parsed last. */
function isLast(bytes: Uint8Array, end: number): boolean {
  if (end - TEXT !== lastBytes.length) return false
  let at = end
  while (at > TEXT && bytes[at - 1] === lastBytes[at - 1 - TEXT]) at--
  return at === TEXT && end > TEXT
}

/** Entries of one function mostly have the same header as the one before. */
function parseHeader(bytes: Uint8Array, end: number): Header {
  if (isLast(bytes, end)) return last
  try {
    const text = decoder.decode(bytes.subarray(TEXT, end))
    const [tier, tags, ids, early = 0, sliding = 0] = JSON.parse(text) as unknown[]
    const isNamed = typeof tier === 'string' && areTexts(tags) && areTexts(ids) && tags.length === ids.length
    if (isNamed && isShare(early) && isShare(sliding)) {
      lastBytes = bytes.slice(TEXT, end)
      last = { tier, tags, ids, earlyRefresh: early, sliding: sliding === 1 }
      return last
    }
  } catch {
    // neither UTF-8 nor JSON
  }
  return corrupt('its header is malformed')
}
