import type { Codec } from '@shelflife/core'
import { ShelflifeError } from '@shelflife/core'
import { checkNames } from '@shelflife/core/integration'

import { COMPRESSED, wrappedId } from './codec-id.ts'
import { corrupt } from './corrupt.ts'
import { through } from './through.ts'

/** Options of `compressed`. */
export interface CompressedOptions {
  /** Payloads of more bytes than this are compressed, the others stay as they are. From 0. Default 4096. */
  readonly above?: number
  /** The most bytes a payload may have before compression; bytes that would become more are refused. Default 64 MiB. */
  readonly maxBytes?: number
}

/*
 * STORED, payload
 * DEFLATED, length of the payload: uint32, the payload as raw deflate (RFC 1951)
 */
const STORED = 0
const DEFLATED = 1
const HEADER = 5

/** What deflate gains at most: nothing that announces more has to be tried. */
const BEST_RATIO = 1032

const LARGEST = 2 ** 32 - 1

const OPTIONS = new Set(['above', 'maxBytes'])

function bytesOf(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= LARGEST) return value
  throw new ShelflifeError(
    'invalid-option',
    `${option} must be a whole number of bytes from ${least} to ${LARGEST}; received ${String(value)}`,
  )
}

function stored(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length)
  bytes[0] = STORED
  bytes.set(payload, 1)
  return bytes
}

function deflated(packed: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + packed.length)
  bytes[0] = DEFLATED
  new DataView(bytes.buffer).setUint32(1, length)
  bytes.set(packed, HEADER)
  return bytes
}

/**
 * A codec whose larger payloads are compressed with the deflate of the platform (`CompressionStream`), where that
 * makes them smaller. Its id is that of the codec plus 64.
 *
 * @throws ShelflifeError `invalid-option`
 * @example compressed(msgpackCodec, { above: 16 * 1024 })
 */
export function compressed(codec: Codec, options: CompressedOptions = {}): Codec {
  const id = wrappedId(codec, COMPRESSED)
  checkNames('options of compressed()', options, OPTIONS)
  const above = bytesOf('above', options.above ?? 4096, 0)
  const maxBytes = bytesOf('maxBytes', options.maxBytes ?? 64 * 2 ** 20, 1)

  async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
    if (bytes.length < HEADER) corrupt('it is truncated')
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
    if (length > maxBytes) corrupt(`it has ${length} bytes, more than maxBytes`)
    if (length > BEST_RATIO * bytes.length) corrupt('it announces more than it has')
    const payload = await through(new DecompressionStream('deflate-raw'), bytes.subarray(HEADER), length)
    return payload.length === length ? payload : corrupt('it has another length')
  }

  return {
    id,
    name: `compressed ${codec.name}`,
    async encode(value: unknown): Promise<Uint8Array> {
      const payload = await codec.encode(value)
      const { length } = payload
      if (length > maxBytes) {
        throw new ShelflifeError('unsupported-value', `the value has ${length} bytes, more than maxBytes (${maxBytes})`)
      }
      if (length <= above) return stored(payload)
      const packed = await through(new CompressionStream('deflate-raw'), payload, Infinity)
      return HEADER + packed.length < 1 + length ? deflated(packed, length) : stored(payload)
    },
    async decode(bytes: Uint8Array): Promise<unknown> {
      if (bytes[0] === STORED) return codec.decode(bytes.subarray(1))
      if (bytes[0] !== DEFLATED) return corrupt('it is neither stored nor deflated')
      return codec.decode(await inflate(bytes))
    },
  }
}
