import type { Codec, CodecFeature } from '@shelflife/core'

import { checkOwnCodec } from './codec-id.ts'
import { carrierOf } from './features.ts'
import { inspect } from './inspect.ts'

/**
 * A codec that refuses all it does not carry: of what is not JSON only what `carries` lists gets through to `codec.encode`. Encoders
 * change what they do not know, such as an instance of a class, instead of refusing it; a cache must not store what would
 * come back as something else. Values are nested in 500 levels at most. What `decode` makes of bytes is left to the codec.
 *
 * `encode` throws ShelflifeError `unsupported-value`, which says what it was.
 *
 * @throws ShelflifeError `invalid-option` for what is no codec with an id from 32 to 63, and for a feature that is none
 * @example
 * import { deserialize, serialize } from 'node:v8'
 *
 * const v8Codec = refusing(
 *   {
 *     id: 42,
 *     name: 'node:v8',
 *     encode: (value) => serialize(value),
 *     decode: (payload) => deserialize(new Uint8Array(payload)),
 *   },
 *   ['date', 'map', 'set', 'bigint', 'undefined'],
 * )
 */
export function refusing(codec: Codec, carries: readonly CodecFeature[]): Codec {
  checkOwnCodec(codec)
  const carrier = carrierOf(codec.name, carries)
  return {
    id: codec.id,
    name: codec.name,
    encode(value: unknown): Uint8Array | Promise<Uint8Array> {
      inspect(value, carrier)
      return codec.encode(value)
    },
    decode: (bytes: Uint8Array): unknown => codec.decode(bytes),
  }
}
