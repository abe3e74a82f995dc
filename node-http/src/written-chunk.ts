/** Arguments of `write` and `end`: all of them may be left out, whatever comes before. */
export type ChunkArguments = readonly unknown[]

export interface WrittenChunk {
  /** A copy: who writes may use the memory again. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly callback: ((error?: Error | null) => void) | undefined
}

const failure = (code: string, message: string): Error => Object.assign(new TypeError(message), { code })

/** Throws what `write` of Node would throw for a chunk, so that the handler gets it and not whoever sends its answer. */
export function checkChunk(chunk: unknown): void {
  if (chunk === null) throw failure('ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return
  const received = chunk === undefined ? 'undefined' : `type ${typeof chunk}`
  throw failure(
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be of type string, Buffer or Uint8Array; received ${received}`,
  )
}

function bytesOf(chunk: unknown, encoding: unknown): Uint8Array<ArrayBuffer> {
  // `end` of Node takes all of these for nothing
  if (!chunk) return new Uint8Array()
  checkChunk(chunk)
  if (chunk instanceof Uint8Array) return new Uint8Array(chunk)
  return new Uint8Array(
    Buffer.from(chunk as string, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'),
  )
}

/**
 * What is written with `end`, or with `write` once its chunk has been checked.
 *
 * @throws TypeError for what is neither text nor bytes nor nothing
 */
export function writtenChunk(args: ChunkArguments): WrittenChunk {
  const callback = args.find((one) => typeof one === 'function') as WrittenChunk['callback']
  const [chunk, encoding] = args.filter((one) => typeof one !== 'function')
  return { bytes: bytesOf(chunk, encoding), callback }
}
