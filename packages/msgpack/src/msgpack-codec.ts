import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { Packr, Unpackr } from 'msgpackr'

import { checkStructure } from './check-structure.ts'
import { corrupt } from './corrupt.ts'
import { escape, unescape } from './escape.ts'
import { carrierOf, FEATURE, MSGPACKR_TEXT } from './features.ts'
import { inspect } from './inspect.ts'
import { refuse } from './refuse.ts'

/*
 * The first byte says what a payload is: MESSAGEPACK, ESCAPED (MessagePack with what `escape.ts` adds), or the start
 * of a JSON text, which has no such byte.
 */
const MESSAGEPACK = 1
const ESCAPED = 2
const FIRST_OF_TEXT = 0x20

const CARRIER = carrierOf('msgpackCodec', [
  'date',
  'map',
  'set',
  'bigint',
  'non-finite',
  'negative-zero',
  'undefined',
  'typed-array',
  'array-buffer',
  'buffer',
  'error',
  'null-prototype',
  'proto-key',
  'lone-surrogate',
])
/** What `escape` writes in another way. */
const ODD =
  FEATURE['negative-zero'] |
  FEATURE['null-prototype'] |
  FEATURE['proto-key'] |
  FEATURE['lone-surrogate'] |
  FEATURE.error |
  MSGPACKR_TEXT

/** In characters of JSON: below, JSON is as small and quicker to decode (measured, see the README). */
const SMALL = 1024

// Records without shared structures: each payload carries its own. `moreTypes` because typed arrays would otherwise
// write memory that nobody cleared; `structuredClone: false` has to be said, or the decoder follows pointers.
const OPTIONS = {
  useRecords: true,
  moreTypes: true,
  structuredClone: false,
  copyBuffers: true,
  useToJSON: false,
}
const packr = new Packr(OPTIONS)
const unpackr = new Unpackr(OPTIONS)

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type View = (memory: ArrayBufferLike, start: number, length: number) => Uint8Array

const { Buffer: NodeBuffer } = globalThis as { Buffer?: { from: View } }
/** Where there are Buffers, msgpackr reads them faster, and makes them of what was one. */
const viewOf: View = NodeBuffer?.from ?? ((memory, start, length) => new Uint8Array(memory, start, length))

/** Out of the memory that msgpackr goes on to use, and with its format in front. */
function copy(packed: Uint8Array, format: number): Uint8Array {
  const bytes = new Uint8Array(1 + packed.length)
  bytes[0] = format
  bytes.set(packed, 1)
  return bytes
}

function encode(value: unknown): Uint8Array {
  const { found, size } = inspect(value, CARRIER)
  if ((found & ODD) !== 0) return copy(packr.pack(escape(value)), ESCAPED)
  if (found === 0 && size < SMALL) return encoder.encode(JSON.stringify(value))
  return copy(packr.pack(value), MESSAGEPACK)
}

/** Without the error of `JSON.parse`, whose message quotes the value. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return corrupt('it is not JSON')
  }
}

function decode(bytes: Uint8Array): unknown {
  const format = bytes[0]
  if (format === undefined) return corrupt('it is empty')
  if (format >= FIRST_OF_TEXT) return parse(bytes)
  if (format !== MESSAGEPACK && format !== ESCAPED) return corrupt(`format ${format}`)
  const [memory, start, length] = [bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1]
  checkStructure(new DataView(memory, start, length), format === ESCAPED)
  // a view of its own, because msgpackr leaves a property on what it reads
  const value: unknown = unpackr.unpack(viewOf(memory, start, length))
  return format === ESCAPED ? unescape(value) : value
}

/**
 * The codec of the remote stores, id 2: msgpackr for what JSON would change and for all that is not small, JSON for
 * the rest. Date, Map, Set, bigint, `undefined`, NaN, -0, typed arrays, Buffer and Error keep their type; instances of
 * other classes, functions, symbols, cycles and arrays with holes are refused, so such values are returned but not
 * stored. The README has the whole table.
 *
 * `encode` throws ShelflifeError `unsupported-value`, `decode` ShelflifeError `corrupt-envelope`.
 *
 * @example createCache({ namespace: 'shop', store: remote, codec: msgpackCodec })
 */
export const msgpackCodec: Codec = {
  id: 2,
  name: 'msgpack',
  encode(value: unknown): Uint8Array {
    try {
      return encode(value)
    } catch (error) {
      if (error instanceof ShelflifeError) throw error
      return refuse(CARRIER.name, 'what cannot be read', { cause: error })
    }
  },
  decode(bytes: Uint8Array): unknown {
    try {
      return decode(bytes)
    } catch (error) {
      if (error instanceof ShelflifeError) throw error
      return corrupt('it was not written by msgpackCodec', { cause: error })
    }
  },
}
