import type { CodecFeature } from '@shelflife/conformance'

/** What msgpackCodec carries beyond JSON; it refuses the rest. */
export const CARRIED: readonly CodecFeature[] = [
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
]
