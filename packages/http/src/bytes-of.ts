const encoder = new TextEncoder()

/** Whether something is a `Uint8Array`, of whatever realm. */
const isBytes = (chunk: unknown): chunk is Uint8Array =>
  ArrayBuffer.isView(chunk) && Object.prototype.toString.call(chunk) === '[object Uint8Array]'

/**
 * The bytes of a chunk of a body: text is UTF-8, as servers send it.
 *
 * @throws TypeError for anything else, at which servers break a body off
 */
export function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return encoder.encode(chunk)
  if (isBytes(chunk)) return chunk
  throw new TypeError('a chunk of the body is neither bytes nor text')
}
