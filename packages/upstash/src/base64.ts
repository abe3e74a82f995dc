interface Fast {
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array }
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array }
}

const { Buffer, Uint8Array: Bytes } = globalThis as unknown as Fast

/** By whatever the runtime has: `atob` costs several times as much. */
const bytesOf: (base64: string) => Uint8Array =
  Buffer !== undefined
    ? (base64) => Buffer.from(base64, 'base64')
    : (Bytes.fromBase64?.bind(Bytes) ?? ((base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))))

/** A reply whose strings are base64, but for the status `OK`; strings become bytes. */
export function replyOf(result: unknown): unknown {
  if (typeof result === 'string') return result === 'OK' ? result : bytesOf(result)
  return Array.isArray(result) ? result.map(replyOf) : result
}
