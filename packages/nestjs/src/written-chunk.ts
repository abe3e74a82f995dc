/** What is written. */
export interface WrittenChunk {
  readonly bytes: Buffer<ArrayBuffer>
  readonly callback: (() => void) | undefined
}

/** All of the arguments of `write` and `end` may be left out, whatever comes before. */
export function writtenChunk(args: readonly unknown[]): WrittenChunk {
  const callback = args.find((one) => typeof one === 'function') as (() => void) | undefined
  const [chunk, encoding] = args.filter((one) => typeof one !== 'function')
  if (chunk === undefined || chunk === null) return { bytes: Buffer.alloc(0), callback }
  // a copy: who writes may use the memory again
  const bytes =
    chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.from(chunk as string, encoding as BufferEncoding)
  return { bytes, callback }
}
