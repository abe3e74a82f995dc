/** What a command answers. A string is a status such as `OK`; what Redis calls a bulk string is bytes. */
export type Reply = null | number | string | Uint8Array | readonly Reply[]

/** An error of the server; its message starts with its code. */
export class RedisError extends Error {
  override readonly name = 'RedisError'
}

const encoder = new TextEncoder()

export const bytesOf = (value: string | Uint8Array): Uint8Array =>
  typeof value === 'string' ? encoder.encode(value) : value

/** Bytes as text in which every byte is one character, so that different bytes are different text. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** The inverse. */
export const fromText = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

/** A whole number as Redis reads one. */
export function integerOf(bytes: Uint8Array): number {
  const text = textOf(bytes)
  if (!/^(0|-?[1-9]\d{0,15})$/.test(text)) throw new RedisError('ERR value is not an integer or out of range')
  return Number(text)
}
