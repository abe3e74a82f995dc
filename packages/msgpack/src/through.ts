import { corrupt } from './corrupt.ts'

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/**
 * Everything that a stream makes of the bytes.
 *
 * @throws ShelflifeError `corrupt-envelope` when the stream fails, or as soon as it makes more than `limit` bytes
 */
export async function through(
  { readable, writable }: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const writer = writable.getWriter()
  // where these fail, the reader fails too
  void Promise.allSettled([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()])
  const reader = readable.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return join(chunks, size)
      chunks.push(value)
      size += value.length
      if (size > limit) throw new RangeError(`more than ${limit} bytes`)
    }
  } catch (error) {
    void Promise.allSettled([reader.cancel(error)])
    return corrupt('it does not decompress', { cause: error })
  }
}
