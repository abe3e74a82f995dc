/** Arguments of `write` and `end`: all of them may be left out, whatever comes before. */
export type ChunkArguments = readonly unknown[]

export interface WrittenChunk {
  /** A copy: who writes may use the memory again. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly callback: (() => void) | undefined
}

const bytesOf = (chunk: unknown, encoding: unknown): Uint8Array<ArrayBuffer> => {
  if (chunk === undefined || chunk === null) return new Uint8Array()
  if (chunk instanceof Uint8Array) return new Uint8Array(chunk)
  return new Uint8Array(
    Buffer.from(chunk as string, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'),
  )
}

/**
 * What is written.
 *
 * @throws TypeError for what is neither text nor bytes
 */
export function writtenChunk(args: ChunkArguments): WrittenChunk {
  const callback = args.find((one) => typeof one === 'function') as (() => void) | undefined
  const [chunk, encoding] = args.filter((one) => typeof one !== 'function')
  return { bytes: bytesOf(chunk, encoding), callback }
}
