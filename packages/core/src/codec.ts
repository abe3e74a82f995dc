/** What a codec may carry beyond JSON; it has to refuse the rest. Functions and symbols are refused by all. */
export type CodecFeature =
  | 'date'
  | 'map'
  | 'set'
  | 'bigint'
  /** NaN, Infinity, -Infinity. */
  | 'non-finite'
  | 'negative-zero'
  | 'undefined'
  | 'typed-array'
  /** ArrayBuffer and DataView. */
  | 'array-buffer'
  /** As Buffer, not as Uint8Array. */
  | 'buffer'
  | 'error'
  /** Errors of other classes, or with properties beside message and cause. */
  | 'error-with-properties'
  | 'regexp'
  | 'url'
  /** In arrays. */
  | 'hole'
  | 'array-property'
  | 'class-instance'
  | 'boxed-primitive'
  | 'null-prototype'
  /** An own property called `__proto__`. */
  | 'proto-key'
  /** Half of a surrogate pair in a string. */
  | 'lone-surrogate'
  | 'symbol-key'
  | 'cycle'

/**
 * Turns values into bytes and back. `decode(encode(value))` must give the same types and content; a value for which
 * that is not possible makes `encode` throw, and is then returned to the caller but not stored.
 */
export interface Codec {
  /** 1 to 255, written into every envelope. An entry with another id is a miss. 1 is `jsonCodec`. */
  readonly id: number
  /** For messages. */
  readonly name: string
  /** Throws when the value cannot be carried exactly. */
  encode(value: unknown): Uint8Array | Promise<Uint8Array>
  /** Must treat the bytes as hostile and throw on anything it did not write. */
  decode(bytes: Uint8Array): unknown
}
